import { requireFits } from './arguments.ts'
import { Deque } from './deque.ts'
import { type CursorTopic, HeapCursor } from './heap-cursor.ts'
import type { TopicRecord } from './message.ts'
import { RateMeter } from './rate-meter.ts'
import type { RecordTimes } from './record-times.ts'
import type {
  FollowStart,
  RecordCursor,
  ServerTime,
  Stamp,
  TopicDescription,
  TopicHome,
  TopicStatus,
  TopicStore,
} from './topic.ts'

export interface HeapHomeOptions {
  /**
   * Told of each payload that left its topic.
   * @param shared somebody was given `data` and may still hold it: its memory may be reused only once it is garbage
   */
  readonly release?: (data: Uint8Array, shared: boolean) => void
}

/** Topics in this thread's memory. */
export function heapHome(options: HeapHomeOptions = {}): TopicHome {
  return {
    kind: 'heap',
    create: (description, clock) => new HeapTopic(description, clock, options.release ?? (() => {})),
  }
}

interface Entry {
  readonly record: TopicRecord
  shared: boolean
}

/** Records in the order of their puts; put, and peek and pop at both ends, take constant time per record. */
class HeapTopic implements TopicStore, CursorTopic {
  #description: TopicDescription
  readonly #clock: ServerTime
  readonly #release: (data: Uint8Array, shared: boolean) => void
  readonly #entries = new Deque<Entry>()
  readonly #wakes = new Set<() => void>()
  readonly #rate = new RateMeter()
  #nextSequence = 1
  #bytes = 0
  #newestS = Number.NEGATIVE_INFINITY
  /** How far captures are before and behind their puts, at most. */
  #lagS = 0
  #leadS = 0
  #published = 0
  #publishedBytes = 0
  #expired = 0
  #evicted = 0
  #popped = 0
  #rejected = 0

  constructor(description: TopicDescription, clock: ServerTime, release: (data: Uint8Array, shared: boolean) => void) {
    this.#description = description
    this.#clock = clock
    this.#release = release
  }

  get description(): TopicDescription {
    return this.#description
  }

  get count(): number {
    this.#expire()
    return this.#entries.length
  }

  append(data: Uint8Array, stamp: Stamp): number {
    const { maxBytes } = this.#description.retention
    if (data.byteLength > maxBytes) this.reject(1)
    requireFits(data, this.#description.name, maxBytes)
    // A put of the producer's thread is stamped before it crosses to this one: keep time in the order of sequences.
    const timestampS = Math.max(stamp.timestampS, this.#newestS)
    const sequence = this.#nextSequence++
    const record = {
      sequence,
      timestampS,
      ...(stamp.captureTimeS !== undefined && { captureTimeS: stamp.captureTimeS }),
      data,
    }
    if (this.#entries.length === 0) this.#lagS = this.#leadS = 0
    this.#entries.pushBack({ record, shared: false })
    const leadS = this.#momentS(record) - timestampS - this.#clock.zeroS
    this.#leadS = Math.max(this.#leadS, leadS)
    this.#lagS = Math.max(this.#lagS, -leadS)
    this.#newestS = timestampS
    this.#bytes += data.byteLength
    this.#published += 1
    this.#publishedBytes += data.byteLength
    this.#rate.mark(timestampS)
    this.#expire()
    this.#evict()
    for (const wake of this.#wakes) wake()
    return sequence
  }

  read(n: number): TopicRecord[] {
    this.#expire()
    const { length } = this.#entries
    const count = n === 0 ? length : Math.min(Math.abs(n), length)
    const first = n < 0 ? length - count : 0
    const records = new Array<TopicRecord>(count)
    for (let index = 0; index < count; index++) {
      const entry = this.#entries.at(first + index)
      entry.shared = true
      records[index] = entry.record
    }
    return records
  }

  times(): RecordTimes {
    const at = (index: number) => this.#entries.at(index).record
    return {
      count: this.count,
      sequence: (index) => at(index).sequence,
      putS: (index) => at(index).timestampS + this.#clock.zeroS,
      momentS: (index) => this.#momentS(at(index)),
      lagS: this.#lagS,
      leadS: this.#leadS,
    }
  }

  readOne(sequence: number): TopicRecord | undefined {
    const record = this.firstFrom(sequence)
    return record?.sequence === sequence ? record : undefined
  }

  take(n: number): TopicRecord[] {
    const records = this.read(n)
    for (let left = records.length; left > 0; left--) {
      this.#forget(n < 0 ? this.#entries.popBack() : this.#entries.popFront())
    }
    this.#popped += records.length
    return records
  }

  follow(from: FollowStart): RecordCursor {
    return new HeapCursor(this, from)
  }

  get nextSequence(): number {
    return this.#nextSequence
  }

  get oldest(): TopicRecord | undefined {
    return this.count === 0 ? undefined : this.#entries.at(0).record
  }

  get newest(): TopicRecord | undefined {
    const { count } = this
    return count === 0 ? undefined : this.#entries.at(count - 1).record
  }

  firstFrom(sequence: number): TopicRecord | undefined {
    const { count } = this
    const sequenceAt = (index: number) => this.#entries.at(index).record.sequence
    // Most topics have no gaps: only pops of the newest records make them.
    let low = count === 0 ? 0 : Math.min(Math.max(sequence - sequenceAt(0), 0), count)
    if (low === count || sequenceAt(low) !== sequence) {
      let high = low
      low = 0
      while (low < high) {
        const middle = (low + high) >> 1
        if (sequenceAt(middle) < sequence) low = middle + 1
        else high = middle
      }
    }
    if (low >= count) return undefined
    const entry = this.#entries.at(low)
    entry.shared = true
    return entry.record
  }

  status(): TopicStatus {
    const nowS = this.#clock.nowS()
    return {
      topic: this.#description.name,
      kind: this.#description.kind,
      epoch: this.#description.epoch,
      count: this.count,
      bytes: this.#bytes,
      published: this.#published,
      publishedBytes: this.#publishedBytes,
      rateHz: this.#rate.rateHz(nowS),
      expired: this.#expired,
      evicted: this.#evicted,
      popped: this.#popped,
      rejected: this.#rejected,
      ...(this.#published > 0 && { newestAgeS: nowS - this.#newestS }),
    }
  }

  reject(count: number): void {
    this.#rejected += count
  }

  onAppend(wake: () => void): () => void {
    this.#wakes.add(wake)
    return () => this.#wakes.delete(wake)
  }

  reset(epoch: string): void {
    this.#description = { ...this.#description, epoch }
    while (this.#entries.length > 0) this.#forget(this.#entries.popFront())
    this.#nextSequence = 1
    this.#newestS = Number.NEGATIVE_INFINITY
    this.#published = 0
    this.#publishedBytes = 0
  }

  close(): void {
    while (this.#entries.length > 0) this.#forget(this.#entries.popFront())
    this.#wakes.clear()
  }

  #momentS({ captureTimeS, timestampS }: TopicRecord): number {
    return captureTimeS ?? timestampS + this.#clock.zeroS
  }

  #expire(): void {
    const { messageRemainingTimeS, keepLast } = this.#description.retention
    if (messageRemainingTimeS === Number.POSITIVE_INFINITY) return
    const horizonS = this.#clock.nowS() - messageRemainingTimeS
    while (this.#entries.length > keepLast && this.#entries.at(0).record.timestampS < horizonS) {
      this.#forget(this.#entries.popFront())
      this.#expired += 1
    }
  }

  #evict(): void {
    const { keepLast, maxRecords, maxBytes } = this.#description.retention
    const floor = Math.max(keepLast, 1)
    while (this.#entries.length > floor && (this.#entries.length > maxRecords || this.#bytes > maxBytes)) {
      this.#forget(this.#entries.popFront())
      this.#evicted += 1
    }
  }

  #forget(entry: Entry): void {
    this.#bytes -= entry.record.data.byteLength
    this.#release(entry.record.data, entry.shared)
  }
}

import {
  type RecordCursor,
  type RecordLease,
  type RecordLoan,
  type RecordTimes,
  type ReferredRecord,
  RmqError,
  requireByteLength,
  type ServerTime,
  type SharedTopicStore,
  type Stamp,
  steadyClockUs,
  type TopicDescription,
  type TopicFollower,
  type TopicRecord,
  type TopicStatus,
} from '@rmq/core'
import { AppendNotice } from './append-notice.ts'
import { onExit } from './exit-hook.ts'
import { type FollowStart, SegmentFollower } from './follower.ts'
import { keepHouse, stopKeepingHouse } from './housekeeping.ts'
import { INFO, type NativeSegment, STATE } from './native/addon-types.ts'
import { ringError } from './native-error.ts'
import type { OpenSegment } from './open-segment.ts'
import { RateSampler } from './rate-sampler.ts'
import { Lease } from './record-lease.ts'
import { Loan } from './record-loan.ts'
import { toCaptureNs } from './record-times.ts'
import { referRecords } from './refer.ts'
import { SegmentTimes } from './segment-times.ts'
import { Status } from './status.ts'

/** What differs between a topic's creator and those who attach to it. */
export interface Tenancy {
  /** Lets go of `old` and opens the segment of the next epoch. `old` itself where there is no next one (yet). */
  renew(old: OpenSegment, epoch: string): OpenSegment
  end(open: OpenSegment): void
}

/** At so many ticks, which is once a second, the dead are looked for. */
const TICKS_PER_REAP = 4

/** A topic as one thread of a process has it attached: nothing is kept here that is not in the segment. */
export class SharedMemoryTopic implements SharedTopicStore {
  readonly clock: ServerTime
  readonly #tenancy: Tenancy
  readonly #notice = new AppendNotice()
  readonly #dropExitHook: () => void
  #open: OpenSegment
  #topic: TopicDescription
  #rate = new RateSampler()
  #closed = false

  constructor(open: OpenSegment, tenancy: Tenancy) {
    this.#tenancy = tenancy
    this.#open = open
    this.#topic = open.topic
    const zeroUs = () => this.#open.description.zeroUs
    this.clock = {
      nowS: () => (steadyClockUs() - zeroUs()) / 1e6,
      get zeroS() {
        return zeroUs() / 1e6
      },
    }
    this.#dropExitHook = onExit(() => this.close())
    // Those who come and go for a while need not clean up: the server's process does.
    if (open.description.pid === process.pid) keepHouse(this)
  }

  get description(): TopicDescription {
    return this.#topic
  }

  get ended(): boolean {
    return this.#closed || this.#open.native.isRetired()
  }

  get count(): number {
    return this.#native.state()[STATE.LIVE_RECORDS]!
  }

  append(data: Uint8Array, { captureTimeS }: Pick<Stamp, 'captureTimeS'> = {}): number {
    const sequence = this.#native.put(data, captureTimeS === undefined ? 0 : toCaptureNs(captureTimeS))
    if (sequence > 0) return sequence
    throw this.#error(-sequence, data.byteLength)
  }

  read(n: number): TopicRecord[] {
    return this.#copies(n, false)
  }

  take(n: number): TopicRecord[] {
    return this.#copies(n, true)
  }

  times(): RecordTimes {
    return new SegmentTimes(this.#native.times())
  }

  readOne(sequence: number): TopicRecord | undefined {
    const bytes = this.#native.readOne(sequence, false)
    if (typeof bytes !== 'number') return this.#open.toldRecord(new Uint8Array(bytes))
    if (bytes === Status.GONE || bytes === Status.EXPIRED || bytes === Status.EMPTY) return undefined
    throw this.#error(bytes)
  }

  refer(n: number, take: boolean): ReferredRecord[] {
    this.#requireOpen()
    this.#requireOpen()
    if (!this.#open.description.byReference) return this.#copies(n, take)
    return referRecords(this.#open, n, take)
  }

  readInto(n: 1 | -1, into: Uint8Array): TopicRecord | undefined {
    const native = this.#native
    const status = native.readInto(n, into)
    if (status === Status.OK) return this.#open.toldRecord(into.subarray(0, native.info[INFO.BYTE_LENGTH]!))
    if (status === Status.EMPTY) return undefined
    if (status !== Status.NO_BUFFER) throw this.#error(status)
    throw new RmqError(
      'INVALID_ARGUMENT',
      `Topic "${this.#topic.name}": into has ${into.byteLength} bytes, too few for a record of ` +
        `${native.info[INFO.BYTE_LENGTH]}.`,
    )
  }

  lease(): RecordLease | undefined {
    const status = this.#native.lease(0)
    if (status === Status.OK) return new Lease(this.#open)
    if (status === Status.EMPTY) return undefined
    throw this.#error(status)
  }

  loan(byteLength: number): RecordLoan {
    requireByteLength(byteLength, Number.MAX_SAFE_INTEGER)
    const native = this.#native
    const room = native.loan(byteLength)
    if (typeof room === 'number') throw this.#error(-room, byteLength)
    return new Loan(this.#open, room)
  }

  follow(from: FollowStart): TopicFollower & RecordCursor {
    this.#requireOpen()
    return new SegmentFollower(this.#open, from)
  }

  status(): TopicStatus {
    const state = this.#native.state()
    const nowUs = steadyClockUs()
    const published = state[STATE.NEXT_SEQUENCE]! - 1
    return {
      topic: this.#topic.name,
      kind: this.#topic.kind,
      epoch: this.#topic.epoch,
      count: state[STATE.LIVE_RECORDS]!,
      bytes: state[STATE.LIVE_BYTES]!,
      published,
      publishedBytes: state[STATE.PUBLISHED_BYTES]!,
      rateHz: this.#rate.sample(published, nowUs),
      expired: state[STATE.EXPIRED]!,
      evicted: state[STATE.EVICTED]!,
      popped: state[STATE.POPPED]!,
      rejected: state[STATE.REJECTED]!,
      ...(published > 0 && { newestAgeS: (nowUs - Math.floor(state[STATE.NEWEST_NS]! / 1e3)) / 1e6 }),
    }
  }

  reject(count: number): void {
    this.#open.native.reject(count)
  }

  onAppend(wake: () => void): () => void {
    this.#requireOpen()
    return this.#notice.add(wake, this.#open)
  }

  /** Of the creator: ends this life of the topic for everybody and begins the next. Of others: moves there. */
  reset(epoch: string): void {
    this.#requireOpen()
    if (this.#topic.epoch === epoch) return
    try {
      const next = this.#tenancy.renew(this.#open, epoch)
      if (next === this.#open) return
      this.#open = next
    } catch (thrown) {
      // The old life is over, and there is no room for another.
      this.close()
      throw thrown
    }
    this.#topic = this.#open.topic
    this.#rate = new RateSampler()
    this.#notice.move(this.#open)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#dropExitHook()
    stopKeepingHouse(this)
    this.#tenancy.end(this.#open)
  }

  tick(turn: number): void {
    const { native } = this.#open
    this.#rate.sample(native.nextSequence() - 1, steadyClockUs())
    if (turn % TICKS_PER_REAP === 0) native.reap()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #copies(n: number, take: boolean): TopicRecord[] {
    const answer = this.#native.read(n, take)
    if (typeof answer === 'number') throw this.#error(-answer)
    const { buffers, meta } = answer
    return buffers.map((buffer, index) => {
      const at = 4 * index
      return this.#open.record(meta[at]!, meta[at + 1]!, meta[at + 2]!, new Uint8Array(buffer))
    })
  }

  get #native(): NativeSegment {
    this.#requireOpen()
    return this.#open.native
  }

  #requireOpen(): void {
    if (this.#closed) throw this.#error(Status.CLOSED)
  }

  #error(status: number, byteLength?: number): RmqError {
    return ringError(this.#topic.name, status, this.#open.native, byteLength)
  }
}

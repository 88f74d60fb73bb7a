import type { Message } from './message.ts'
import type { RecordLease, ServerTime, SharedTopicStore } from './topic.ts'

/** A record in place. Its bytes expire with `release`, at the latest when the lease is garbage. */
export interface Lease extends Message {
  /** Empty from `release` on. Writing to it would change the record for everybody. */
  readonly data: Uint8Array
  /** Lets go of the record. May be called again; `using` calls it. */
  release(): void
  [Symbol.dispose](): void
}

export function toLease(topic: string, store: SharedTopicStore, record: RecordLease): Lease {
  return new TopicLease(topic, store, record)
}

/** A class, since a view takes little more time than making its object does. */
class TopicLease implements Lease {
  readonly topic: string
  readonly epoch: string
  readonly sequence: number
  readonly timestampS: number
  declare readonly captureTimeS?: number
  readonly data: Uint8Array
  readonly lostBefore = 0
  readonly #record: RecordLease
  readonly #clock: ServerTime

  constructor(topic: string, store: SharedTopicStore, record: RecordLease) {
    this.topic = topic
    this.epoch = store.description.epoch
    this.sequence = record.sequence
    this.timestampS = record.timestampS
    if (record.captureTimeS !== undefined) this.captureTimeS = record.captureTimeS
    this.data = record.data
    this.#record = record
    this.#clock = store.clock
  }

  ageS(): number {
    return this.#clock.nowS() - this.timestampS
  }

  release(): void {
    this.#record.release()
  }

  [Symbol.dispose](): void {
    this.#record.release()
  }
}

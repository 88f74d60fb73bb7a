import type { Message } from './message.ts'
import type { RecordLease, ServerTime } from './topic.ts'

/** A record in place. Its bytes expire with `release`, at the latest when the lease is garbage. */
export interface Lease extends Message {
  /** Empty from `release` on. Writing to it would change the record for everybody. */
  readonly data: Uint8Array
  /** Lets go of the record. May be called again; `using` calls it. */
  release(): void
  [Symbol.dispose](): void
}

/** What the records of one epoch have in common. */
export interface TopicLife {
  readonly epoch: string
  /** The server's clock. */
  readonly clock: Pick<ServerTime, 'nowS'>
}

/** A class, and its bytes are shown when they are asked for: a view takes hardly more time than making its object does. */
export class LeasedMessage implements Lease {
  readonly topic: string
  readonly epoch: string
  readonly sequence: number
  readonly timestampS: number
  declare readonly captureTimeS?: number
  readonly lostBefore: number
  readonly #record: RecordLease
  readonly #clock: Pick<ServerTime, 'nowS'>

  constructor(topic: string, life: TopicLife, record: RecordLease, lostBefore = 0) {
    this.topic = topic
    this.epoch = life.epoch
    this.sequence = record.sequence
    this.timestampS = record.timestampS
    if (record.captureTimeS !== undefined) this.captureTimeS = record.captureTimeS
    this.lostBefore = lostBefore
    this.#record = record
    this.#clock = life.clock
  }

  get data(): Uint8Array {
    return this.#record.data
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

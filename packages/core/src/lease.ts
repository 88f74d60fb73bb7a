import { type Message, toMessage } from './message.ts'
import type { RecordLease, SharedTopicStore } from './topic.ts'

/** A record in place. Its bytes expire with `release`, at the latest when the lease is garbage. */
export interface Lease extends Message {
  /** Empty from `release` on. Writing to it would change the record for everybody. */
  readonly data: Uint8Array
  /** Lets go of the record. May be called again; `using` calls it. */
  release(): void
  [Symbol.dispose](): void
}

export function toLease(topic: string, store: SharedTopicStore, record: RecordLease): Lease {
  const message = toMessage(topic, store.description.epoch, record, () => store.clock.nowS())
  const release = () => record.release()
  return { ...message, release, [Symbol.dispose]: release }
}

import type { Moment } from './alignment.ts'
import type { Replies } from './command.ts'
import type { TopicRecord } from './message.ts'
import { peekAligned } from './moment-reads.ts'
import type { SharedTopicStore } from './topic.ts'

/** A topic to read, with its store where this client has it attached. */
export interface AlignedRead {
  readonly topic: string
  readonly store?: SharedTopicStore
}

export interface AlignedRecord extends AlignedRead {
  readonly epoch: string
  readonly record: TopicRecord
}

/**
 * Records of one moment, wherever their topics are. What is attached is read here; else the server finds the moment, and
 * the bytes of what is attached need not travel, unless they are gone by then.
 * @param ask asks the server; `heads` are the topics whose bytes are not wanted
 * @throws STALE
 */
export async function readAligned(
  reads: readonly AlignedRead[],
  moment: Moment,
  ask: (heads: readonly string[]) => Promise<Replies['peekAligned']>,
): Promise<AlignedRecord[]> {
  const stores = reads.flatMap(({ store }) => store ?? [])
  if (stores.length === reads.length) {
    const topics = reads.map(({ topic }) => topic)
    const records = peekAligned(topics, stores, moment, new Set())
    return reads.map((read, at) => ({ ...read, epoch: stores[at]!.description.epoch, record: records[at]! }))
  }
  const { epochs, records } = await ask(reads.flatMap(({ topic, store }) => (store === undefined ? [] : topic)))
  const found = reads.flatMap((read, at) => {
    const { store } = read
    const epoch = epochs[at]!
    if (store === undefined) return { ...read, epoch, record: records[at]! }
    const record = store.description.epoch === epoch ? store.readOne(records[at]!.sequence) : undefined
    return record === undefined ? [] : { ...read, epoch, record }
  })
  if (found.length === reads.length) return found
  const whole = await ask([])
  return reads.map(({ topic }, at) => ({ topic, epoch: whole.epochs[at]!, record: whole.records[at]! }))
}

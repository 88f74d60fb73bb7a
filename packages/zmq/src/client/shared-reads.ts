import { Buffer } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type LinkCallOptions as CallOptions,
  type Command,
  type ReferenceExchange,
  type ReplyTo,
  RmqError,
  type TopicRecord,
} from '@rmq/core'
import { decodeFileReference } from '../robotmq/file-reference.ts'
import { looksLikeReference } from '../robotmq/record-block.ts'
import type { Exchange } from './exchange.ts'

type Peek = Command & { op: 'peek' }
type Pop = Command & { op: 'pop' }

/** How often a peek begins again when the server overwrote all that it was about. */
const PEEK_ATTEMPTS = 4
/** As much is copied in about a millisecond. */
const TURN_BYTES = 4 * 2 ** 20

/** Reads from topics of an original robotmq server that answers with references into shared memory. */
export class SharedReads {
  readonly #exchange: Exchange
  readonly #references: ReferenceExchange | undefined

  /** @param references without it, a reference is answered with UNSUPPORTED */
  constructor(exchange: Exchange, references: ReferenceExchange | undefined) {
    this.#exchange = exchange
    this.#references = references
  }

  /**
   * A server that has come round its memory since it answered has overwritten what its references lead to. But records
   * leave the topic before that: what is still in the topic after the copy, as the oldest or behind it, was copied
   * whole. The rest is gone.
   */
  async peek(command: Peek, options: CallOptions): Promise<ReplyTo<Peek>> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#exchange(command, options)
      if (!reply.records.some(({ data }) => looksLikeReference(data))) return reply
      const copies = await this.copyAll(reply.records, command.topic, options)
      const [oldest] = (await this.#exchange({ ...command, n: 1 }, options)).records
      const records = copies.filter((_copy, index) => isIntact(reply.records[index]!, oldest))
      if (records.length > 0 || attempt === PEEK_ATTEMPTS) return { ...reply, records }
    }
  }

  /**
   * What a pop brings has left the topic, so that nothing tells any more whether it is overwritten. Hence all records are
   * copied before: those that the pop then brings were in the topic until now, and their copies are whole. Only
   * records that came in between are copied after it, unchecked: the newest, which the server overwrites last.
   */
  async pop(command: Pop, options: CallOptions): Promise<ReplyTo<Pop>> {
    const { topic } = command
    if (this.#references === undefined) throw outOfReach(topic)
    // The original's pop brings all, whatever n says.
    const before = await this.#exchange({ op: 'peek', topic, n: 0 }, options)
    const copies = await this.copyAll(before.records, topic, options)
    const copied = new Map(before.records.map((record, index) => [recordKey(record), copies[index]!]))
    const reply = await this.#exchange(command, options)
    const records: TopicRecord[] = []
    for (const record of reply.records) {
      records.push(copied.get(recordKey(record)) ?? (await this.copy(record, topic, options)))
    }
    return { ...reply, records }
  }

  /** The record with its payload, wherever that lies. */
  async copy(record: TopicRecord, topic: string, { signal }: CallOptions): Promise<TopicRecord> {
    if (!looksLikeReference(record.data)) return record
    if (this.#references === undefined) throw outOfReach(topic)
    if (signal?.aborted) throw signal.reason
    return { ...record, data: await this.#references.read(decodeFileReference(record.data)) }
  }

  /** One by one, the oldest first, which are overwritten first; other things of this thread have their turn in between. */
  async copyAll(records: readonly TopicRecord[], topic: string, options: CallOptions): Promise<TopicRecord[]> {
    const copies: TopicRecord[] = []
    let bytes = 0
    for (const record of records) {
      const copy = await this.copy(record, topic, options)
      copies.push(copy)
      bytes += copy.data.byteLength
      if (bytes < TURN_BYTES) continue
      bytes = 0
      await nextTurn()
    }
    return copies
  }
}

/** Where a topic's memory cannot be used. */
export function outOfReach(topic: string): RmqError {
  return new RmqError(
    'UNSUPPORTED',
    `Topic "${topic}" of this robotmq server lives in shared memory, which needs the native package.`,
  )
}

/** The same for a record of a server, told of twice; another one for each record that is told by reference. */
function recordKey({ timestampS, data }: TopicRecord): string {
  return `${timestampS} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')}`
}

/**
 * Whether a record was copied before the server could overwrite it.
 * @param answered the record as the server told of it
 * @param oldest the server's oldest record, as told after the copy
 */
function isIntact(answered: TopicRecord, oldest: TopicRecord | undefined): boolean {
  if (!looksLikeReference(answered.data)) return true
  if (oldest === undefined) return false
  return oldest.timestampS < answered.timestampS || recordKey(oldest) === recordKey(answered)
}

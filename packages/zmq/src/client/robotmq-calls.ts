import {
  type CallOptions,
  type Command,
  type ReferenceExchange,
  type ReplyTo,
  RmqError,
  type TopicRecord,
} from '@rmq/core'
import { decodeFileReference } from '../robotmq/file-reference.ts'
import { looksLikeReference } from '../robotmq/record-block.ts'
import type { Exchange } from './exchange.ts'
import { OfferedRequests } from './offered-requests.ts'
import type { RobotmqDialect } from './robotmq-dialect.ts'
import { isIntact, recordKey } from './shared-records.ts'

/** How often a peek begins again when the server overwrote all that it was about. */
const PEEK_ATTEMPTS = 4

/** Executes commands at an original robotmq server, whose topics may lie in shared memory. */
export class RobotmqCalls {
  readonly #exchange: Exchange
  readonly #dialect: RobotmqDialect
  readonly #references: ReferenceExchange | undefined
  readonly #offered: OfferedRequests | undefined

  /** @param references without it, topics in shared memory are out of reach */
  constructor(exchange: Exchange, dialect: RobotmqDialect, references: ReferenceExchange | undefined) {
    this.#exchange = exchange
    this.#dialect = dialect
    this.#references = references
    this.#offered = references && new OfferedRequests(references, exchange)
  }

  async call<C extends Command>(command: C, options: CallOptions): Promise<ReplyTo<C>> {
    return (await this.#dispatch(command, options)) as ReplyTo<C>
  }

  #dispatch(command: Command, options: CallOptions): Promise<unknown> {
    switch (command.op) {
      case 'peek':
        return this.#peek(command, options)
      case 'pop':
        return this.#pop(command, options)
      case 'put':
        return this.#put(command, options)
      case 'request':
        return this.#request(command, options)
      default:
        return this.#exchange(command, options)
    }
  }

  /**
   * A server that has come round its memory since it answered has overwritten what its references lead to. But records
   * leave the topic before that: what is still in the topic after the copy, as the oldest or behind it, was copied
   * whole. The rest is gone.
   */
  async #peek(command: Command & { op: 'peek' }, options: CallOptions): Promise<ReplyTo<typeof command>> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#exchange(command, options)
      if (!reply.records.some(({ data }) => looksLikeReference(data))) return reply
      const copies = await this.#copyAll(reply.records, command.topic, options)
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
  async #pop(command: Command & { op: 'pop' }, options: CallOptions): Promise<ReplyTo<typeof command>> {
    const copied = (await this.#isShared(command.topic, options))
      ? await this.#copyAhead(command.topic, options)
      : undefined
    const reply = await this.#exchange(command, options)
    const records: TopicRecord[] = []
    for (const record of reply.records) {
      records.push(copied?.get(recordKey(record)) ?? (await this.#copy(record, command.topic, options)))
    }
    return { ...reply, records }
  }

  /** Copies of all records of a topic: the original's pop brings all, whatever n says. */
  async #copyAhead(topic: string, options: CallOptions): Promise<ReadonlyMap<string, TopicRecord>> {
    if (this.#references === undefined) throw outOfReach(topic)
    const { records } = await this.#exchange({ op: 'peek', topic, n: 0 }, options)
    const copies = await this.#copyAll(records, topic, options)
    return new Map(records.map((record, index) => [recordKey(record), copies[index]!]))
  }

  /**
   * A topic in shared memory takes records from its server alone. Bytes of a client break it for everybody. So does a
   * reference: the server would read other bytes, from its own memory in the same place, its count of used memory would
   * go wrong, and when the client's file is gone, reading fails for all.
   */
  async #put(command: Command & { op: 'put' }, options: CallOptions): Promise<ReplyTo<typeof command>> {
    if (await this.#isShared(command.topic, options)) {
      throw new RmqError(
        'UNSUPPORTED',
        `Topic "${command.topic}" of this robotmq server lives in shared memory, where only the server itself can put: ` +
          'put to a topic that it made with add_topic, or send a request.',
      )
    }
    if (looksLikeReference(command.data)) throw mistakenForReference()
    return this.#exchange(command, options)
  }

  async #request(command: Command & { op: 'request' }, options: CallOptions): Promise<ReplyTo<typeof command>> {
    const shared = await this.#isShared(command.topic, options)
    const byReference = shared || looksLikeReference(command.data)
    const reply = await (byReference
      ? this.#requireOffered(command.topic, shared).send(command, options)
      : this.#exchange(command, options))
    const { data } = await this.#copy({ sequence: Number.NaN, ...reply }, command.topic, options)
    return { ...reply, data }
  }

  /** One by one, the oldest first, which are overwritten first. */
  async #copyAll(records: readonly TopicRecord[], topic: string, options: CallOptions): Promise<TopicRecord[]> {
    const copies: TopicRecord[] = []
    for (const record of records) copies.push(await this.#copy(record, topic, options))
    return copies
  }

  /** The record with its payload, wherever that lies. */
  async #copy(record: TopicRecord, topic: string, { signal }: CallOptions): Promise<TopicRecord> {
    if (!looksLikeReference(record.data)) return record
    if (this.#references === undefined) throw outOfReach(topic)
    if (signal?.aborted) throw signal.reason
    return { ...record, data: await this.#references.read(decodeFileReference(record.data)) }
  }

  #requireOffered(topic: string, shared: boolean): OfferedRequests {
    if (this.#offered !== undefined) return this.#offered
    throw shared ? outOfReach(topic) : mistakenForReference()
  }

  async #isShared(topic: string, options: CallOptions): Promise<boolean> {
    if (this.#dialect.sharedMemory(topic) === undefined) await this.#exchange({ op: 'status', topic }, options)
    return this.#dialect.sharedMemory(topic) === true
  }
}

function mistakenForReference(): RmqError {
  return new RmqError(
    'INVALID_ARGUMENT',
    'A payload that begins with the bytes 0d 0a 0d 0b cannot be sent to a robotmq server: it would take it for a ' +
      'reference into shared memory.',
  )
}

function outOfReach(topic: string): RmqError {
  return new RmqError(
    'UNSUPPORTED',
    `Topic "${topic}" of this robotmq server lives in shared memory, which needs the native package.`,
  )
}

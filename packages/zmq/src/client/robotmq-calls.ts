import {
  type LinkCallOptions as CallOptions,
  type Command,
  type ReferenceExchange,
  type ReplyTo,
  RmqError,
} from '@rmq/core'
import { looksLikeReference } from '../robotmq/record-block.ts'
import type { Exchange } from './exchange.ts'
import { OfferedRequests } from './offered-requests.ts'
import type { RobotmqDialect } from './robotmq-dialect.ts'
import { outOfReach, SharedReads } from './shared-reads.ts'

type Pop = Command & { op: 'pop' }
type Put = Command & { op: 'put' }
type Request = Command & { op: 'request' }

/** Executes commands at an original robotmq server, whose topics may lie in shared memory. */
export class RobotmqCalls {
  readonly #exchange: Exchange
  readonly #dialect: RobotmqDialect
  readonly #references: ReferenceExchange | undefined
  readonly #reads: SharedReads
  readonly #offered: OfferedRequests | undefined

  /** @param references without it, topics in shared memory are out of reach */
  constructor(exchange: Exchange, dialect: RobotmqDialect, references: ReferenceExchange | undefined) {
    this.#exchange = exchange
    this.#dialect = dialect
    this.#references = references
    this.#reads = new SharedReads(exchange, references)
    this.#offered = references && new OfferedRequests(references, exchange)
  }

  async call<C extends Command>(command: C, options: CallOptions): Promise<ReplyTo<C>> {
    return (await this.#dispatch(command, options)) as ReplyTo<C>
  }

  #dispatch(command: Command, options: CallOptions): Promise<unknown> {
    switch (command.op) {
      case 'peek':
        return this.#reads.peek(command, options)
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

  async #pop(command: Pop, options: CallOptions): Promise<ReplyTo<Pop>> {
    if (await this.#isShared(command.topic, options)) return this.#reads.pop(command, options)
    const reply = await this.#exchange(command, options)
    return { ...reply, records: await this.#reads.copyAll(reply.records, command.topic, options) }
  }

  /**
   * A topic in shared memory takes records from its server alone. Bytes of a client break it for everybody. So does a
   * reference: the server would read other bytes, from its own memory in the same place, its count of used memory would
   * go wrong, and when the client's file is gone, reading fails for all.
   */
  async #put(command: Put, options: CallOptions): Promise<ReplyTo<Put>> {
    if (await this.#isShared(command.topic, options)) {
      throw new RmqError(
        'UNSUPPORTED',
        `Topic "${command.topic}" of this robotmq server lives in shared memory, where only the server itself can put: ` +
          'put to a topic that it made with add_topic, or send a request.',
      )
    }
    requireNoReference(command.data)
    return this.#exchange(command, options)
  }

  async #request(command: Request, options: CallOptions): Promise<ReplyTo<Request>> {
    const shared = await this.#isShared(command.topic, options)
    if (!shared) requireNoReference(command.data)
    const reply = await (shared
      ? this.#requireOffered(command.topic).send(command, options)
      : this.#exchange(command, options))
    const { data } = await this.#reads.copy({ sequence: Number.NaN, ...reply }, command.topic, options)
    return { ...reply, data }
  }

  /** A server that does not find the file of a request answers nobody any more: never one that it cannot find. */
  #requireOffered(topic: string): OfferedRequests {
    if (this.#references === undefined || this.#offered === undefined) throw outOfReach(topic)
    if (this.#references.holds(topic)) return this.#offered
    throw new RmqError(
      'UNSUPPORTED',
      `Topic "${topic}" of this robotmq server lives in shared memory that this process does not see: run it on the ` +
        "server's host, with the same /dev/shm.",
    )
  }

  async #isShared(topic: string, options: CallOptions): Promise<boolean> {
    if (this.#dialect.sharedMemory(topic) === undefined) await this.#exchange({ op: 'status', topic }, options)
    return this.#dialect.sharedMemory(topic) === true
  }
}

function requireNoReference(data: Uint8Array): void {
  if (!looksLikeReference(data)) return
  throw new RmqError(
    'INVALID_ARGUMENT',
    'A payload that begins with the bytes 0d 0a 0d 0b cannot be sent to a robotmq server: it would take it for a ' +
      'reference into shared memory.',
  )
}

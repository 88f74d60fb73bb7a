import { readAligned } from './aligned-read.ts'
import type { Moment } from './alignment.ts'
import { parseCount } from './arguments.ts'
import type { CallOptions, PeekAtOptions, PeekOptions } from './call-options.ts'
import type { ClientCalls } from './client-calls.ts'
import type { ClientConnection } from './client-connection.ts'
import { RmqError } from './errors.ts'
import { type Message, type TopicRecord, toMessage } from './message.ts'
import { peekNearest } from './moment-reads.ts'
import type { SharedTopicStore } from './topic.ts'
import { parseTopicName } from './topic-name.ts'

/** A client's reads of records, from its memory where the topic is attached, else over the link. */
export class ClientReads {
  readonly #connection: ClientConnection
  readonly #calls: ClientCalls
  #last: readonly Message[] = []

  constructor(connection: ClientConnection, calls: ClientCalls) {
    this.#connection = connection
    this.#calls = calls
  }

  /** What the last read brought. */
  get last(): readonly Message[] {
    return this.#last
  }

  forget(): void {
    this.#last = []
  }

  async peek(topic: string, n: number, options: PeekOptions): Promise<Message[]> {
    const { into } = options
    if (into === undefined) return this.#read('peek', topic, n, options)
    if (n !== 1 && n !== -1) {
      throw new RmqError('INVALID_ARGUMENT', `\`into\` takes a single record: call with n of 1 or -1, not ${n}.`)
    }
    const store = this.#connection.attached(topic, options)
    if (store !== undefined) {
      const record = store.readInto(n, into)
      return this.#retrieved(topic, store, record === undefined ? [] : [record])
    }
    const messages = await this.#read('peek', topic, n, options)
    return messages.map((message) => ({ ...message, data: copyInto(message.data, into) }))
  }

  pop(topic: string, n: number, options: CallOptions): Promise<Message[]> {
    return this.#read('pop', topic, n, options)
  }

  async nearest(topic: string, timeS: number, options: PeekAtOptions): Promise<Message | undefined> {
    const { toleranceS } = options
    const instant = { timeS, ...(toleranceS !== undefined && { toleranceS }) }
    const store = this.#connection.attached(topic, options)
    if (store !== undefined) return this.#retrieved(topic, store, peekNearest(store, instant))[0]
    const command = { op: 'peekAt', topic: parseTopicName(topic), ...instant } as const
    const { epoch, records } = await this.#calls.call(command.op, topic, () => command, options)
    return this.#received(topic, epoch, records)[0]
  }

  async aligned(topics: readonly string[], moment: Moment, options: CallOptions): Promise<readonly Message[]> {
    const reads = topics.map((topic) => {
      const store = this.#connection.attached(topic, options)
      return { topic, ...(store !== undefined && { store }) }
    })
    const ask = (heads: readonly string[]) => {
      const command = { op: 'peekAligned', topics: topics.map(parseTopicName), ...moment, heads } as const
      return this.#calls.call(command.op, topics.join('", "'), () => command, options)
    }
    const found = await readAligned(reads, moment, ask)
    this.#last = found.flatMap(({ topic, store, epoch, record }) =>
      store === undefined ? this.#received(topic, epoch, [record]) : this.#retrieved(topic, store, [record]),
    )
    return this.#last
  }

  async #read(op: 'peek' | 'pop', topic: string, n: number, options: CallOptions): Promise<Message[]> {
    const command = { op, topic: parseTopicName(topic), n: parseCount(n) }
    const store = this.#connection.attached(topic, options)
    if (store !== undefined) {
      return this.#retrieved(topic, store, op === 'pop' ? store.take(command.n) : store.read(command.n))
    }
    const reply = await (op === 'pop'
      ? this.#calls.once({ ...command, op }, options)
      : this.#calls.call(op, topic, () => ({ ...command, op }), options))
    return this.#received(topic, reply.epoch, reply.records)
  }

  #received(topic: string, epoch: string, records: readonly TopicRecord[]): Message[] {
    const nowS = () => this.#connection.link.serverNowS()
    return this.#bring(records.map((record) => toMessage(topic, epoch, record, nowS)))
  }

  #retrieved(topic: string, { description, clock }: SharedTopicStore, records: readonly TopicRecord[]): Message[] {
    return this.#bring(records.map((record) => toMessage(topic, description.epoch, record, () => clock.nowS())))
  }

  #bring(messages: Message[]): Message[] {
    this.#last = messages
    return messages
  }
}

function copyInto(data: Uint8Array, target: Uint8Array): Uint8Array {
  if (target.byteLength < data.byteLength) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      `The record of ${data.byteLength} bytes does not fit into the buffer of ${target.byteLength} bytes given as \`into\`.`,
    )
  }
  target.set(data)
  return target.subarray(0, data.byteLength)
}

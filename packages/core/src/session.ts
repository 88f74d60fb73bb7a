import type { ClientLimits } from './access.ts'
import { captureStamp, parseCount, requirePayload } from './arguments.ts'
import type { Command, ReplyTo, RequestKey } from './command.ts'
import { RmqError } from './errors.ts'
import type { Feed, FeedRequest, FeedSink } from './feed.ts'
import { peekAligned, peekNearest, requireTopics } from './moment-reads.ts'
import type { RequestBroker } from './request-broker.ts'
import type { RequestTable } from './request-table.ts'
import { backgroundTimer } from './timer.ts'
import type { ReferredRecord, ServerTime } from './topic.ts'
import { TopicFeed } from './topic-feed.ts'
import type { TopicRegistry } from './topic-registry.ts'
import type { CancelSignal, Peer, Session } from './transport.ts'

/** A retry from a new connection may still be on its way when the old one ends: handlers are told only after this. */
export const CANCEL_GRACE_S = 1

/** Feeds that one client may have. */
const MAX_FEEDS = 1024

/** A request that runs, and who waits for it. */
interface Execution {
  readonly waiters: Set<EngineSession>
  readonly cancel: () => void
}

export interface SessionContext {
  readonly topics: TopicRegistry
  readonly clock: ServerTime
  readonly table: RequestTable
  readonly broker: RequestBroker
  /** Runs before each command: puts of the server's own that came earlier must be seen by it. */
  readonly beforeCommand: () => void
  /** Requests that run with a key, for retries to join. */
  readonly executions: Map<string, Execution>
  /** Those of all clients. */
  readonly feeds: Set<TopicFeed>
  readonly limits: Pick<ClientLimits, 'maxRequestsPerClient' | 'maxBytesPerClient'>
  /** Counts a call that was not admitted. */
  readonly onRefused: () => void
}

/** What one client asks, executed against the topics. */
export class EngineSession implements Session {
  readonly #peer: Peer
  readonly #context: SessionContext
  readonly #executions = new Set<Execution>()
  readonly #feeds = new Set<TopicFeed>()
  /** Of the requests that this client began. */
  #requestBytes = 0
  #closed = false

  constructor(peer: Peer, context: SessionContext) {
    this.#peer = peer
    this.#context = context
  }

  async execute<C extends Command>(command: C, signal?: CancelSignal): Promise<ReplyTo<C>> {
    this.#context.beforeCommand()
    return (await this.#dispatch(command, signal)) as ReplyTo<C>
  }

  follow(request: FeedRequest, sink: FeedSink): Feed {
    this.#context.beforeCommand()
    const store = this.#context.topics.get(request.topic)
    if (this.#feeds.size >= MAX_FEEDS) {
      throw new RmqError('NO_SPACE', `This client has ${MAX_FEEDS} subscriptions: end some, or use another client.`)
    }
    let windows = request.credit.bytes
    for (const { windowBytes } of this.#feeds) windows += windowBytes
    const { maxBytesPerClient } = this.#context.limits
    if (windows > maxBytesPerClient) {
      throw new RmqError(
        'NO_SPACE',
        `The subscriptions of this client would have ${windows} bytes under way: lower their bufferBytes, or raise maxBytesPerClient.`,
      )
    }
    const feed = new TopicFeed(store, request, sink, () => {
      this.#feeds.delete(feed)
      this.#context.feeds.delete(feed)
    })
    this.#feeds.add(feed)
    this.#context.feeds.add(feed)
    return feed
  }

  async refer({ op, topic, n }: Command & { op: 'peek' | 'pop' }): Promise<{ records: readonly ReferredRecord[] }> {
    this.#context.beforeCommand()
    const store = this.#context.topics.get(topic)
    const count = parseCount(n)
    if (store.refer !== undefined) return { records: store.refer(count, op === 'pop') }
    return { records: op === 'pop' ? store.take(count) : store.read(count) }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const feed of this.#feeds) feed.close()
    if (this.#executions.size === 0) return
    backgroundTimer(() => {
      for (const execution of this.#executions) this.#withdraw(execution)
    }, CANCEL_GRACE_S)
  }

  async #dispatch(command: Command, signal: CancelSignal | undefined): Promise<unknown> {
    const { topics, table } = this.#context
    switch (command.op) {
      case 'describe':
        return { description: topics.get(command.topic).description }
      case 'status':
        return { count: topics.find(command.topic)?.count ?? -1 }
      case 'list':
        return { topics: topics.statuses() }
      case 'peek': {
        const store = topics.get(command.topic)
        return { epoch: store.description.epoch, records: store.read(parseCount(command.n)) }
      }
      case 'peekAt': {
        const store = topics.get(command.topic)
        return { epoch: store.description.epoch, records: peekNearest(store, command) }
      }
      case 'peekAligned':
        return this.#peekAligned(command)
      case 'pop': {
        const pop = async () => {
          const store = topics.get(command.topic)
          return { epoch: store.description.epoch, records: store.take(parseCount(command.n)) }
        }
        if (command.key === undefined) return pop()
        return table.run(command.key, pop, (reply) => reply.records.reduce((sum, { data }) => sum + data.byteLength, 0))
      }
      case 'put': {
        const put = () => this.#put(command)
        return command.key === undefined ? put() : table.run(command.key, put, () => 0)
      }
      case 'request':
        return this.#request(command, signal)
    }
  }

  async #put(command: Command & { op: 'put' }): Promise<{ epoch: string; sequence: number }> {
    const store = this.#context.topics.get(command.topic)
    requirePayload(command.data)
    const stamp = { timestampS: this.#context.clock.nowS(), ...captureStamp(command.captureTimeS) }
    const { epoch } = store.description
    const sequence = store.append(command.data, stamp)
    // Who puts a record and follows the topic is sent the record before it is told that the put is done.
    for (const feed of this.#feeds) if (feed.topic === command.topic) await feed.flush()
    return { epoch, sequence }
  }

  #peekAligned(command: Command & { op: 'peekAligned' }): ReplyTo<typeof command> {
    requireTopics(command.topics)
    const stores = command.topics.map((topic) => this.#context.topics.get(topic))
    const records = peekAligned(command.topics, stores, command, new Set(command.heads))
    return { epochs: stores.map(({ description }) => description.epoch), records }
  }

  #request(
    command: Command & { op: 'request' },
    signal: CancelSignal | undefined,
  ): Promise<{ data: Uint8Array; timestampS: number }> {
    const { topics, table, executions, clock } = this.#context
    const start = async (name: string | undefined) => {
      topics.get(command.topic)
      requirePayload(command.data)
      this.#requireRoom(command.data.byteLength)
      const pending = this.#context.broker.submit({
        ...command,
        clientName: this.#peer.client,
        client: command.key?.client ?? this.#peer.client,
        number: command.key?.request ?? 0,
      })
      const execution: Execution = { waiters: new Set(), cancel: pending.cancel }
      if (name !== undefined) executions.set(name, execution)
      this.#join(execution, signal)
      this.#requestBytes += command.data.byteLength
      try {
        const data = await pending.outcome
        return { data, timestampS: clock.nowS() }
      } finally {
        this.#requestBytes -= command.data.byteLength
        if (name !== undefined) executions.delete(name)
        for (const waiter of execution.waiters) waiter.#executions.delete(execution)
      }
    }
    if (command.key === undefined) return start(undefined)
    const name = executionName(command.key)
    const running = executions.get(name)
    const outcome = table.run(
      command.key,
      () => start(name),
      (reply) => reply.data.byteLength,
    )
    if (running !== undefined) this.#join(running, signal)
    return outcome
  }

  /** One client must not take what all of them share. */
  #requireRoom(bytes: number): void {
    const { maxRequestsPerClient, maxBytesPerClient } = this.#context.limits
    const requests = this.#executions.size
    if (requests < maxRequestsPerClient && (requests === 0 || this.#requestBytes + bytes <= maxBytesPerClient)) return
    this.#context.onRefused()
    throw new RmqError(
      'NO_SPACE',
      `${requests} requests of this client, ${this.#requestBytes} bytes, wait for an answer: send fewer at a time, or raise maxRequestsPerClient or maxBytesPerClient.`,
    )
  }

  #join(execution: Execution, signal: CancelSignal | undefined): void {
    execution.waiters.add(this)
    this.#executions.add(execution)
    signal?.addEventListener('abort', () => this.#withdraw(execution), { once: true })
  }

  #withdraw(execution: Execution): void {
    this.#executions.delete(execution)
    execution.waiters.delete(this)
    if (execution.waiters.size === 0) execution.cancel()
  }
}

function executionName(key: RequestKey): string {
  return `${key.client} ${key.request}`
}

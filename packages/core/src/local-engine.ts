import { clientLimits, type ServerAccess } from './access.ts'
import { StartTime } from './clock.ts'
import type { Command, ReplyTo } from './command.ts'
import { transportFor } from './endpoint.ts'
import type { Answer, Engine, EngineStart, RequestSink, ServerCounters } from './engine.ts'
import { RmqError } from './errors.ts'
import { createLogger, type Logger } from './log.ts'
import { ownRecords } from './message.ts'
import { RequestBroker } from './request-broker.ts'
import { RequestTable } from './request-table.ts'
import { EngineSession, type SessionContext } from './session.ts'
import type { SharedTopicHome, Stamp, TopicDescription, TopicHome } from './topic.ts'
import { TopicRegistry } from './topic-registry.ts'
import type { Listener, Peer, Session, SessionHost, Transport } from './transport.ts'

export interface LocalEngineOptions {
  readonly homes: readonly (TopicHome | SharedTopicHome)[]
  readonly transports: readonly Transport[]
  /** Runs before each command of a client. @default nothing */
  readonly beforeCommand?: () => void
}

/** Runs a server in this thread. */
export class LocalEngine implements Engine, SessionHost {
  readonly closed: Promise<void>
  readonly #options: LocalEngineOptions
  readonly #listeners: Listener[] = []
  #resolveClosed: () => void = () => {}
  #start: EngineStart | undefined
  #clock = new StartTime()
  #topics: TopicRegistry
  #broker: RequestBroker | undefined
  #context: SessionContext | undefined
  #own: EngineSession | undefined
  #malformed = 0
  #dropped = 0
  #refused = 0
  log: Logger = createLogger('server')

  constructor(options: LocalEngineOptions) {
    this.#options = options
    this.#topics = new TopicRegistry(options.homes, this)
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  get server(): string {
    return this.#started.server
  }

  get access(): ServerAccess {
    return this.#started
  }

  get serverName(): string {
    return this.#started.name
  }

  async start(options: EngineStart, sink: RequestSink): Promise<void> {
    this.#start = options
    this.log = createLogger(`server ${options.name}`, options.logLevel)
    this.#clock = new StartTime(options.zeroUs)
    this.#broker = new RequestBroker({
      maxPendingRequests: options.maxPendingRequests ?? 1024,
      requestWaitS: options.requestWaitS ?? 60,
      sink,
    })
    this.#context = {
      topics: this.#topics,
      clock: this,
      table: new RequestTable({ server: options.server, nowS: () => performance.now() / 1000 }),
      broker: this.#broker,
      beforeCommand: this.#options.beforeCommand ?? (() => {}),
      executions: new Map(),
      feeds: new Set(),
      limits: clientLimits(options),
      onRefused: () => this.reportRefused(),
    }
    this.#own = new EngineSession(
      { client: options.name, sameHost: true },
      { ...this.#context, beforeCommand: () => {} },
    )
  }

  async listen(endpoint: string): Promise<string> {
    const listener = await transportFor(endpoint, this.#options.transports).listen(endpoint, this)
    this.#listeners.push(listener)
    return listener.endpoint
  }

  open(peer: Peer): Session {
    if (this.#context === undefined) throw new RmqError('CLOSED', 'The server was closed.')
    return new EngineSession(peer, this.#context)
  }

  nowS(): number {
    return this.#clock.nowS()
  }

  get zeroS(): number {
    return this.#clock.zeroS
  }

  reportMalformed(): void {
    this.#malformed += 1
  }

  reportDropped(): void {
    this.#dropped += 1
  }

  reportRefused(): void {
    this.#refused += 1
  }

  async counters(): Promise<ServerCounters> {
    const pendingRequests = this.#broker?.pending ?? 0
    return { malformed: this.#malformed, dropped: this.#dropped, refused: this.#refused, pendingRequests }
  }

  addTopic(description: TopicDescription): void {
    this.#topics.add(description, this.server)
  }

  put(topic: string, data: Uint8Array, stamp: Stamp): void {
    this.append(topic, new Uint8Array(data), stamp)
  }

  /** As `put`, without the copy: ownership of `data` passes. */
  append(topic: string, data: Uint8Array, stamp: Stamp): void {
    this.#topics.get(topic).append(data, stamp)
  }

  /** Counts puts that were refused before they reached the topic. */
  reject(topic: string, count: number): void {
    this.#topics.get(topic).reject(count)
  }

  async execute<C extends Command>(command: C): Promise<ReplyTo<C>> {
    if (this.#own === undefined) throw new RmqError('CLOSED', 'The server was closed.')
    const reply = await this.#own.execute(command)
    return 'records' in reply ? ({ ...reply, records: ownRecords(reply.records) } as ReplyTo<C>) : reply
  }

  take(id: number): void {
    this.#broker?.take(id)
  }

  answer(id: number, answer: Answer): void {
    this.#broker?.answer(id, answer)
  }

  resetStartTime(zeroUs: number, epochs: ReadonlyMap<string, string>): void {
    for (const feed of this.#context?.feeds ?? []) feed.finish()
    this.#clock = new StartTime(zeroUs)
    this.#topics.resetAll(epochs)
  }

  async close(): Promise<void> {
    this.#broker?.close()
    this.#own = undefined
    this.#context = undefined
    await Promise.all(this.#listeners.splice(0).map((listener) => listener.close()))
    this.#topics.close()
    this.#resolveClosed()
  }

  get #started(): EngineStart {
    if (this.#start === undefined) throw new RmqError('CLOSED', 'The engine was not started.')
    return this.#start
  }
}

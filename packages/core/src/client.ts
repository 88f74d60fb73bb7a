import { captureStamp, requirePayload, requireTimeout } from './arguments.ts'
import type { TopicAccess } from './attachments.ts'
import type {
  CallOptions,
  ClientPutOptions,
  PeekAlignedOptions,
  PeekAtOptions,
  PeekOptions,
  RequestOptions,
} from './call-options.ts'
import { ClientCalls } from './client-calls.ts'
import { ClientConnection } from './client-connection.ts'
import type { ClientOptions, ClientParts } from './client-options.ts'
import { ClientReads } from './client-reads.ts'
import { ClientSubscriptions } from './client-subscriptions.ts'
import { StartTime } from './clock.ts'
import { type ClockEstimate, steadyNowS } from './clock-estimate.ts'
import { RmqError } from './errors.ts'
import { type Lease, LeasedMessage } from './lease.ts'
import type { Message } from './message.ts'
import { requireInstant, requireTolerance, requireTopics } from './moment-reads.ts'
import type { JobHandler } from './pipeline/membership.ts'
import { PipelineWorker, type WorkOptions } from './pipeline/pipeline-worker.ts'
import type { Retention } from './retention.ts'
import type { StaleEvent } from './stale-watch.ts'
import { requireSubscribeOptions, type SubscribeOptions, type Subscription } from './subscription.ts'
import type { TopicDescription, TopicStatus } from './topic.ts'
import { parseTopicName, type TopicName } from './topic-name.ts'
import { topicNotFound } from './topic-registry.ts'

export interface ClientEvents {
  /** The server is there, again or for the first time. */
  connect: () => void
  /** The connection was lost; it is being re-established. */
  disconnect: () => void
  /** A call was not answered in time and is sent again. */
  retry: (call: { readonly op: string; readonly topic: string }) => void
  /** Records were lost to this client. */
  drop: (loss: { readonly topic: string; readonly lost: number }) => void
}

type Listeners = { [Event in keyof ClientEvents]: Set<ClientEvents[Event]> }

/** Reaches the topics of one server. Many calls may be in flight at once. */
export class RMQClient {
  readonly name: string
  readonly endpoint: string
  readonly closed: Promise<void>
  readonly #options: ClientOptions & ClientParts
  readonly #clock = new StartTime()
  readonly #listeners: Listeners = { connect: new Set(), disconnect: new Set(), retry: new Set(), drop: new Set() }
  readonly #connection: ClientConnection
  readonly #calls: ClientCalls
  readonly #reads: ClientReads
  readonly #subscriptions: ClientSubscriptions
  #resolveClosed: () => void = () => {}
  #closing: Promise<void> | undefined

  /**
   * Resolves once the server has been met.
   * @throws INVALID_ARGUMENT, TIMEOUT when no server answered within `timeoutS`, UNAUTHORIZED
   */
  static async connect(name: string, endpoint: string, options: ClientOptions & ClientParts): Promise<RMQClient> {
    const client = new RMQClient(name, endpoint, options)
    await client.start()
    return client
  }

  protected constructor(name: string, endpoint: string, options: ClientOptions & ClientParts) {
    if (typeof name !== 'string' || name === '') {
      throw new RmqError('INVALID_ARGUMENT', 'A client needs a name: RMQClient.connect("viewer", endpoint).')
    }
    this.name = name
    this.endpoint = endpoint
    this.#options = options
    this.#connection = new ClientConnection(name, endpoint, options)
    this.#calls = new ClientCalls(this.#connection, (call) => this.#emit('retry', call))
    this.#reads = new ClientReads(this.#connection, this.#calls)
    this.#subscriptions = new ClientSubscriptions({
      connection: this.#connection,
      attach: async (topic, signal) => (await this.describe(topic, { signal })).access === 'attached',
      onDrop: (loss) => this.#emit('drop', loss),
    })
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  protected start(): Promise<void> {
    return this.#connection.open(this.#options, {
      onConnect: () => {
        this.#calls.reconnected()
        this.#subscriptions.recheck()
        this.#emit('connect')
      },
      onDisconnect: () => {
        this.#calls.disconnected()
        this.#emit('disconnect')
      },
    })
  }

  /**
   * Reads without removing: `n > 0` the oldest n records, `n < 0` the newest |n|, `n = 0` all; in time order.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, STALE, TIMEOUT, CLOSED
   */
  async peekData(topic: string, n: number, options: PeekOptions = {}): Promise<Message[]> {
    const { maxAgeS } = options
    if (maxAgeS === undefined) return this.#reads.peek(topic, n, options)
    requireTimeout(maxAgeS, 'maxAgeS')
    const messages = await this.#reads.peek(topic, n, options)
    requireYoung(topic, messages.at(-1), maxAgeS)
    return messages
  }

  /**
   * The record captured nearest a time; of records without a capture time, the put counts. Only that record travels.
   * @param timeS seconds on the steady clock of the server's host: a message's `captureTimeS`, or
   *   `steadyClockUs() / 1e6 + client.clock().hostOffsetS` for a time of this host
   * @returns undefined where there is none, or none within `toleranceS`
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, UNSUPPORTED towards an original robotmq server, TIMEOUT, CLOSED
   */
  async peekAt(topic: string, timeS: number, options: PeekAtOptions = {}): Promise<Message | undefined> {
    const { toleranceS } = options
    requireInstant(timeS)
    if (toleranceS !== undefined) requireTolerance(toleranceS)
    return this.#reads.nearest(topic, timeS, options)
  }

  /**
   * One record of each topic from the same moment, in the order of the topics: each is at most `toleranceS` from `timeS`,
   * or from a record of the topic that is furthest behind. Capture times count, or puts where there are none.
   * @throws STALE telling which topic has no record there, or one that is too old; INVALID_ARGUMENT, TOPIC_NOT_FOUND,
   *   UNSUPPORTED towards an original robotmq server, TIMEOUT, CLOSED
   */
  async peekAligned<const Topics extends readonly string[]>(
    topics: Topics,
    options: PeekAlignedOptions,
  ): Promise<{ -readonly [At in keyof Topics]: Message }> {
    requireTopics(topics)
    const { toleranceS, timeS, maxAgeS } = options
    requireTolerance(toleranceS)
    if (timeS !== undefined) requireInstant(timeS)
    if (maxAgeS !== undefined) requireTimeout(maxAgeS, 'maxAgeS')
    const moment = { toleranceS, ...(timeS !== undefined && { timeS }) }
    const messages = await this.#reads.aligned(topics, moment, options)
    if (maxAgeS !== undefined) {
      for (const message of messages) requireYoung(message.topic, message, maxAgeS)
    }
    return messages as { -readonly [At in keyof Topics]: Message }
  }

  /**
   * As `peekData`, and removes exactly what it returns.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, TIMEOUT, DISCONNECTED, OUTCOME_UNKNOWN when the server was restarted
   *   meanwhile, CLOSED
   */
  async popData(topic: string, n: number, options: CallOptions = {}): Promise<Message[]> {
    return this.#reads.pop(topic, n, options)
  }

  /**
   * Puts one record; resolves when the server has it. `data` is yours again then.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, MESSAGE_TOO_LARGE, TIMEOUT, DISCONNECTED, OUTCOME_UNKNOWN, CLOSED
   */
  async putData(topic: string, data: Uint8Array, options: ClientPutOptions = {}): Promise<void> {
    requirePayload(data)
    const capture = captureStamp(options.captureTimeS)
    const store = this.#connection.attached(topic, options)
    if (store !== undefined) {
      store.append(data, capture)
      return
    }
    const put = { op: 'put', topic: parseTopicName(topic), data, ...capture } as const
    await this.#calls.once(put, options)
  }

  /**
   * Sends a request to the topic's handler and resolves with its answer.
   * @throws TOPIC_NOT_FOUND, REQUEST_FAILED with the handler's message, INVALID_ARGUMENT, TIMEOUT, SUPERSEDED,
   *   DISCONNECTED, OUTCOME_UNKNOWN, UNSUPPORTED for `supersede` towards an original robotmq server, CLOSED
   */
  async requestWithData(topic: string, data: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    requirePayload(data)
    const { deadlineS, supersede = false } = options
    if (deadlineS !== undefined) requireTimeout(deadlineS, 'deadlineS')
    if (supersede && this.#connection.link.dialect === 'robotmq') {
      throw new RmqError(
        'UNSUPPORTED',
        'An original robotmq server takes no request back: request without `supersede`.',
      )
    }
    const request = { op: 'request', topic: parseTopicName(topic), data, ...(supersede && { supersede }) } as const
    if (deadlineS === undefined) return (await this.#calls.once(request, options)).data
    const ownDeadlineS = steadyNowS() + deadlineS
    return (await this.#calls.once(request, options, () => this.#deadline(ownDeadlineS))).data
  }

  /**
   * A time of this host as the server's host counts it. The clocks are known so well only: rather too early than too
   * late, when the answer would be, too.
   */
  #deadline(ownS: number): { readonly deadlineTimeS?: number } {
    const { hostOffsetS, errorS } = this.clock()
    const deadlineTimeS = ownS + hostOffsetS - errorS
    return Number.isFinite(deadlineTimeS) ? { deadlineTimeS } : {}
  }

  /**
   * Does the jobs of a pipeline (`server.addPipeline`): takes them one by one and sends what the handler returns.
   * @throws INVALID_ARGUMENT; `done`: TOPIC_NOT_FOUND, REQUEST_FAILED for a topic that is no pipeline
   */
  work(topic: string, handler: JobHandler, options: WorkOptions = {}): PipelineWorker {
    this.#connection.requireOpen()
    return new PipelineWorker(this, parseTopicName(topic), handler, options)
  }

  /**
   * The newest record in place, without a copy: of topics in shared memory that this client is attached to.
   * @returns a lease, to be released soon, by `release()` or `using`: a few may be held at a time; undefined: no record
   * @throws UNSUPPORTED for topics that are reached over the connection, DISCONNECTED, LEASE_LIMIT, CORRUPT, CLOSED
   */
  view(topic: string): Lease | undefined {
    const { link, connected, attachments } = this.#connection
    const name = parseTopicName(topic)
    if (!connected) throw new RmqError('DISCONNECTED', `The server at ${this.endpoint} is not reached now.`)
    const store = attachments.find(name, link)
    if (store === undefined) {
      throw new RmqError(
        'UNSUPPORTED',
        `Topic "${topic}" is not attached here, so it cannot be viewed in place: read it with peekData. describe() tells why.`,
      )
    }
    const record = store.lease()
    if (record === undefined) return undefined
    return new LeasedMessage(topic, { epoch: store.description.epoch, clock: store.clock }, record)
  }

  /**
   * The topic's records one by one, as they come. Takes its place in the topic at the call (`await subscription.ready`
   * to be sure); `break` ends it. It goes on by itself where it was when the connection was lost.
   * @throws INVALID_ARGUMENT; the iteration: TOPIC_NOT_FOUND, NO_SPACE, CORRUPT
   */
  subscribe(topic: string, options: SubscribeOptions = {}): Subscription {
    this.#connection.requireOpen()
    const name = parseTopicName(topic)
    requireSubscribeOptions(options)
    return this.#subscriptions.subscribe(name, options)
  }

  /**
   * Watches whether a topic gets records: tells when it has none younger than `afterS`, and when it has again. It fires
   * by this side's own clock, `afterS` after the newest record that is known (at the earliest after this call) whatever
   * is gone: producer, server or cable. Records are asked for four times within `afterS`, without their bytes.
   * @param afterS seconds, more than the topic's records are apart
   * @returns a function that ends the watch
   * @throws INVALID_ARGUMENT, CLOSED
   */
  onStale(topic: string, afterS: number, callback: (event: StaleEvent) => void): () => void {
    this.#connection.requireOpen()
    const name = parseTopicName(topic)
    requireTimeout(afterS, 'afterS')
    if (typeof callback !== 'function') throw new RmqError('INVALID_ARGUMENT', 'onStale needs a function to call.')
    return this.#subscriptions.watch(name, afterS, callback)
  }

  /**
   * What is known of the server's clock. In-process, and once a topic in shared memory is attached, it is read; else it
   * is estimated from exchanges with the server, of which the one that was under way for the shortest time tells most.
   * @throws CLOSED
   */
  clock(): ClockEstimate {
    return this.#connection.clock()
  }

  /**
   * What a topic is and how this client reaches it: `access` is `attached` (in shared memory), `link`, then with the
   * `reason` if the topic is in shared memory, or `polling` towards an original robotmq server, which tells neither
   * epoch nor retention.
   * @throws TOPIC_NOT_FOUND, TIMEOUT, CLOSED
   */
  async describe(topic: string, options: CallOptions = {}): Promise<TopicDescription & TopicAccess> {
    const command = { op: 'describe', topic: parseTopicName(topic) } as const
    if (this.#connection.link.dialect === 'robotmq') return this.#describeOriginal(command.topic, options)
    const { attachments } = this.#connection
    const { description } = await this.#calls.call(command.op, topic, () => command, options)
    return { ...description, ...attachments.access(description, this.#connection.link) }
  }

  async #describeOriginal(topic: TopicName, options: CallOptions): Promise<TopicDescription & TopicAccess> {
    const command = { op: 'status', topic } as const
    const { count } = await this.#calls.call(command.op, topic, () => command, options)
    if (count === -1) throw topicNotFound(topic)
    const reason = 'the server is an original robotmq server, which does not send records by itself'
    return { name: topic, kind: 'robotmq', epoch: '', retention: UNTOLD, access: 'polling', reason }
  }

  /**
   * @param timeoutS seconds to wait for the server
   * @returns the number of records; -1: no such topic; -2: the server did not answer
   */
  async getTopicStatus(topic: string, timeoutS = 1): Promise<number> {
    const command = { op: 'status', topic: parseTopicName(topic) } as const
    try {
      return (await this.#calls.call(command.op, topic, () => command, { timeoutS, automaticResend: false })).count
    } catch (error) {
      if (RmqError.isInstance(error) && (error.code === 'TIMEOUT' || error.code === 'DISCONNECTED')) return -2
      throw error
    }
  }

  /** @throws UNSUPPORTED towards an original robotmq server, which cannot tell */
  async listTopics(options: CallOptions = {}): Promise<readonly TopicStatus[]> {
    return (await this.#calls.call('list', '', () => ({ op: 'list' }) as const, options)).topics
  }

  /** What the last `peekData` or `popData` brought. */
  getLastRetrievedData(): readonly Message[] {
    return this.#reads.last
  }

  /** Seconds since this client was made, or since the instant given to `resetStartTime`. */
  getTimestamp(): number {
    return this.#clock.nowS()
  }

  /**
   * Moves this client's timestamp 0 to a wall clock instant and forgets the last retrieved data.
   * @param systemTimeUs microseconds since 1970; 0 makes timestamps unix seconds
   */
  resetStartTime(systemTimeUs: number): void {
    if (!Number.isFinite(systemTimeUs)) {
      throw new RmqError('INVALID_ARGUMENT', `systemTimeUs must be a finite number, got ${String(systemTimeUs)}.`)
    }
    this.#reads.forget()
    this.#clock.reset(systemTimeUs)
  }

  /** @returns a function that removes the listener */
  on<Event extends keyof ClientEvents>(event: Event, listener: ClientEvents[Event]): () => void {
    const listeners: Set<ClientEvents[Event]> | undefined = this.#listeners[event]
    if (listeners === undefined) {
      throw new RmqError('INVALID_ARGUMENT', `There is no event "${event}": connect, disconnect, retry and drop are.`)
    }
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Ends the connection; calls in flight reject with CLOSED. May be called again. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#calls.closed(this.#connection.closedError())
      this.#subscriptions.close()
      await this.#connection.close()
      this.#resolveClosed()
    })()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #emit<Event extends keyof ClientEvents>(event: Event, ...args: Parameters<ClientEvents[Event]>): void {
    for (const listener of this.#listeners[event]) (listener as (...args: unknown[]) => void)(...args)
  }
}

/** What an original server does not tell. */
const UNTOLD: Retention = {
  messageRemainingTimeS: Number.NaN,
  keepLast: Number.NaN,
  maxRecords: Number.NaN,
  maxBytes: Number.NaN,
}

function requireYoung(topic: string, newest: Message | undefined, maxAgeS: number): void {
  const ageS = newest?.ageS()
  if (ageS !== undefined && ageS <= maxAgeS) return
  const found = ageS === undefined ? 'it has none' : `its newest is ${ageS.toFixed(3)} s old`
  throw new RmqError('STALE', `Topic "${topic}" has no record of the last ${maxAgeS} s: ${found}.`)
}

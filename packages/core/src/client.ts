import type { ClientSecurity } from './access.ts'
import { readAligned } from './aligned-read.ts'
import type { Moment } from './alignment.ts'
import { captureStamp, parseCount, requirePayload, requireTimeout } from './arguments.ts'
import { Attachments, type TopicAccess } from './attachments.ts'
import type {
  CallOptions,
  ClientPutOptions,
  PeekAlignedOptions,
  PeekAtOptions,
  PeekOptions,
  RequestOptions,
} from './call-options.ts'
import { StartTime } from './clock.ts'
import { type ClockEstimate, steadyNowS } from './clock-estimate.ts'
import type { Command, ReplyTo, RequestKey } from './command.ts'
import { transportFor } from './endpoint.ts'
import { RmqError } from './errors.ts'
import type { FeedRequest, FeedStart } from './feed.ts'
import { type Lease, LeasedMessage } from './lease.ts'
import { createLogger, type Logger, type RMQLogLevel } from './log.ts'
import { type Message, type TopicRecord, toMessage } from './message.ts'
import { peekNearest, requireInstant, requireTolerance, requireTopics } from './moment-reads.ts'
import { PendingCalls } from './pending-calls.ts'
import type { JobHandler } from './pipeline/membership.ts'
import { PipelineWorker, type WorkOptions } from './pipeline/pipeline-worker.ts'
import { RemoteFollower } from './remote-follower.ts'
import { callWithResend } from './resend.ts'
import type { Retention } from './retention.ts'
import { LOOKS, type StaleEvent, StaleWatch } from './stale-watch.ts'
import {
  BUFFER_BYTES,
  BUFFER_RECORDS,
  type Place,
  requireSubscribeOptions,
  type SubscribeOptions,
  Subscription,
  type SubscriptionSource,
} from './subscription.ts'
import { sleep, timerMs } from './timer.ts'
import type { SharedTopicHome, SharedTopicStore, TopicDescription, TopicStatus } from './topic.ts'
import { parseTopicName, type TopicName } from './topic-name.ts'
import { topicNotFound } from './topic-registry.ts'
import type { Link, ReferenceExchange, Transport } from './transport.ts'
import { unanswered } from './unanswered.ts'

export interface ClientOptions {
  /** Seconds to wait for a server that is not up yet. @default 5 */
  readonly timeoutS?: number
  readonly signal?: AbortSignal
  /**
   * Seconds after which a connection is given up whose far side has fallen silent (a pulled cable, a machine without
   * power): the client tells `disconnect` and connects again. @default 3
   */
  readonly disconnectAfterS?: number
  /** Keys, for a server that has some. @default none */
  readonly security?: ClientSecurity
  /** @default RMQLogLevel.INFO */
  readonly logLevel?: RMQLogLevel
}

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

/** How often a topic that was there is looked for again. */
const FIRST_LOOK_S = 0.01
const LAST_LOOK_S = 0.5

type Listeners = { [Event in keyof ClientEvents]: Set<ClientEvents[Event]> }

/** What a composer gives its clients. */
export interface ClientParts {
  readonly transports: readonly Transport[]
  /** Homes of topics that may be attached. @default none: every topic is asked for over the link */
  readonly homes?: readonly SharedTopicHome[]
  /** @default an original server's topics in shared memory are out of reach */
  readonly references?: ReferenceExchange
}

/** Reaches the topics of one server. Many calls may be in flight at once. */
export class RMQClient {
  readonly name: string
  readonly endpoint: string
  readonly closed: Promise<void>
  readonly #options: ClientOptions & ClientParts
  readonly #log: Logger
  readonly #clock = new StartTime()
  readonly #calls = new PendingCalls()
  readonly #listeners: Listeners = { connect: new Set(), disconnect: new Set(), retry: new Set(), drop: new Set() }
  readonly #attachments: Attachments
  readonly #subscriptions = new Set<Subscription>()
  readonly #watches = new Set<StaleWatch>()
  #connected = false
  #link: Link | undefined
  #lastRetrieved: readonly Message[] = []
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
    this.#log = createLogger(`client ${name}`, options.logLevel)
    this.#attachments = new Attachments(options.homes ?? [], this.#log)
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  protected async start(): Promise<void> {
    const { timeoutS = 5, signal, transports, references, security, disconnectAfterS } = this.#options
    requireTimeout(timeoutS)
    if (disconnectAfterS !== undefined) requireTimeout(disconnectAfterS, 'disconnectAfterS')
    const transport = transportFor(this.endpoint, transports)
    const timeout = new AbortController()
    const error = new RmqError('TIMEOUT', `No server answered at ${this.endpoint} within ${timeoutS} s: is it running?`)
    const timer = setTimeout(() => timeout.abort(error), timerMs(timeoutS))
    try {
      this.#link = await transport.connect(this.endpoint, {
        clientName: this.name,
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
        ...(references !== undefined && { references }),
        ...(disconnectAfterS !== undefined && { disconnectAfterS }),
        ...(security !== undefined && { security }),
        onConnect: () => {
          this.#log.debug(`connected to ${this.endpoint}`)
          this.#connected = true
          this.#calls.reconnected()
          for (const subscription of this.#subscriptions) subscription.recheck()
          this.#emit('connect')
        },
        onDisconnect: () => {
          this.#log.warn(`lost ${this.endpoint}, connecting again`)
          this.#connected = false
          this.#attachments.release()
          this.#calls.disconnected()
          this.#emit('disconnect')
        },
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Reads without removing: `n > 0` the oldest n records, `n < 0` the newest |n|, `n = 0` all; in time order.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, STALE, TIMEOUT, CLOSED
   */
  async peekData(topic: string, n: number, options: PeekOptions = {}): Promise<Message[]> {
    const { maxAgeS } = options
    if (maxAgeS === undefined) return this.#peek(topic, n, options)
    requireTimeout(maxAgeS, 'maxAgeS')
    const messages = await this.#peek(topic, n, options)
    requireYoung(topic, messages.at(-1), maxAgeS)
    return messages
  }

  async #peek(topic: string, n: number, options: PeekOptions): Promise<Message[]> {
    const { into } = options
    if (into === undefined) return this.#read('peek', topic, n, options)
    if (n !== 1 && n !== -1) {
      throw new RmqError('INVALID_ARGUMENT', `\`into\` takes a single record: call with n of 1 or -1, not ${n}.`)
    }
    const store = this.#attached(topic, options)
    if (store !== undefined) {
      const record = store.readInto(n, into)
      return this.#retrieved(topic, store, record === undefined ? [] : [record])
    }
    const messages = await this.#read('peek', topic, n, options)
    return messages.map((message) => ({ ...message, data: copyInto(message.data, into) }))
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
    const instant = { timeS, ...(toleranceS !== undefined && { toleranceS }) }
    const store = this.#attached(topic, options)
    if (store !== undefined) return this.#retrieved(topic, store, peekNearest(store, instant))[0]
    const command = { op: 'peekAt', topic: parseTopicName(topic), ...instant } as const
    const { epoch, records } = await this.#call(command.op, topic, () => command, options)
    return this.#received(topic, epoch, records)[0]
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
    const messages = await this.#readAligned(topics, moment, options)
    this.#lastRetrieved = messages
    if (maxAgeS !== undefined) {
      for (const message of messages) requireYoung(message.topic, message, maxAgeS)
    }
    return messages as { -readonly [At in keyof Topics]: Message }
  }

  async #readAligned(topics: readonly string[], moment: Moment, options: CallOptions): Promise<Message[]> {
    const reads = topics.map((topic) => {
      const store = this.#attached(topic, options)
      return { topic, ...(store !== undefined && { store }) }
    })
    const ask = (heads: readonly string[]) => {
      const command = { op: 'peekAligned', topics: topics.map(parseTopicName), ...moment, heads } as const
      return this.#call(command.op, topics.join('", "'), () => command, options)
    }
    const found = await readAligned(reads, moment, ask)
    return found.flatMap(({ topic, store, epoch, record }) =>
      store === undefined ? this.#received(topic, epoch, [record]) : this.#retrieved(topic, store, [record]),
    )
  }

  /**
   * As `peekData`, and removes exactly what it returns.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, TIMEOUT, DISCONNECTED, OUTCOME_UNKNOWN when the server was restarted
   *   meanwhile, CLOSED
   */
  async popData(topic: string, n: number, options: CallOptions = {}): Promise<Message[]> {
    return this.#read('pop', topic, n, options)
  }

  /**
   * Puts one record; resolves when the server has it. `data` is yours again then.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, MESSAGE_TOO_LARGE, TIMEOUT, DISCONNECTED, OUTCOME_UNKNOWN, CLOSED
   */
  async putData(topic: string, data: Uint8Array, options: ClientPutOptions = {}): Promise<void> {
    requirePayload(data)
    const capture = captureStamp(options.captureTimeS)
    const store = this.#attached(topic, options)
    if (store !== undefined) {
      store.append(data, capture)
      return
    }
    const put = { op: 'put', topic: parseTopicName(topic), data, ...capture } as const
    await this.#callOnce(put, options)
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
    if (supersede && this.#requireLink().dialect === 'robotmq') {
      throw new RmqError(
        'UNSUPPORTED',
        'An original robotmq server takes no request back: request without `supersede`.',
      )
    }
    const request = { op: 'request', topic: parseTopicName(topic), data, ...(supersede && { supersede }) } as const
    if (deadlineS === undefined) return (await this.#callOnce(request, options)).data
    const ownDeadlineS = steadyNowS() + deadlineS
    return (await this.#callOnce(request, options, () => this.#deadline(ownDeadlineS))).data
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
    this.#requireLink()
    return new PipelineWorker(this, parseTopicName(topic), handler, options)
  }

  /**
   * The newest record in place, without a copy: of topics in shared memory that this client is attached to.
   * @returns a lease, to be released soon, by `release()` or `using`: a few may be held at a time; undefined: no record
   * @throws UNSUPPORTED for topics that are reached over the connection, DISCONNECTED, LEASE_LIMIT, CORRUPT, CLOSED
   */
  view(topic: string): Lease | undefined {
    const link = this.#requireLink()
    const name = parseTopicName(topic)
    if (!this.#connected) throw new RmqError('DISCONNECTED', `The server at ${this.endpoint} is not reached now.`)
    const store = this.#attachments.find(name, link)
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
    const link = this.#requireLink()
    const name = parseTopicName(topic)
    requireSubscribeOptions(options)
    return this.#follow(
      {
        topic,
        find: (from) => this.#findPlace(name, from, link),
        open: (from, again, signal) => this.#openPlace(feedRequest(topic, from, options), again, signal),
        onLost: (lost) => this.#emit('drop', { topic, lost }),
      },
      options,
    )
  }

  #follow(source: Omit<SubscriptionSource, 'onEnd'>, options: SubscribeOptions): Subscription {
    const subscription = new Subscription({ ...source, onEnd: (ended) => this.#subscriptions.delete(ended) }, options)
    if (options.signal?.aborted !== true) this.#subscriptions.add(subscription)
    return subscription
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
    const link = this.#requireLink()
    const name = parseTopicName(topic)
    requireTimeout(afterS, 'afterS')
    if (typeof callback !== 'function') throw new RmqError('INVALID_ARGUMENT', 'onStale needs a function to call.')
    const request = { topic, policy: 'latest', credit: ONE_HEAD, heads: true, pollIntervalS: afterS / LOOKS } as const
    const follow = (signal: AbortSignal) =>
      this.#follow(
        {
          topic,
          find: (from) => this.#findPlace(name, from, link),
          open: (from, again, opening) => this.#openPlace({ ...request, from }, again, opening),
        },
        { policy: 'latest', inPlace: true, signal },
      )
    const watch = new StaleWatch({ topic, afterS, callback, follow })
    this.#watches.add(watch)
    return () => {
      this.#watches.delete(watch)
      watch.close()
    }
  }

  /**
   * What is known of the server's clock. In-process, and once a topic in shared memory is attached, it is read; else it
   * is estimated from exchanges with the server, of which the one that was under way for the shortest time tells most.
   * @throws CLOSED
   */
  clock(): ClockEstimate {
    const link = this.#requireLink()
    return (this.#connected ? this.#attachments.clock(link) : undefined) ?? link.clock()
  }

  /**
   * What a topic is and how this client reaches it: `access` is `attached` (in shared memory), `link`, then with the
   * `reason` if the topic is in shared memory, or `polling` towards an original robotmq server, which tells neither
   * epoch nor retention.
   * @throws TOPIC_NOT_FOUND, TIMEOUT, CLOSED
   */
  async describe(topic: string, options: CallOptions = {}): Promise<TopicDescription & TopicAccess> {
    const command = { op: 'describe', topic: parseTopicName(topic) } as const
    if (this.#requireLink().dialect === 'robotmq') return this.#describeOriginal(command.topic, options)
    const { description } = await this.#call(command.op, topic, () => command, options)
    return { ...description, ...this.#attachments.access(description, this.#requireLink()) }
  }

  async #describeOriginal(topic: TopicName, options: CallOptions): Promise<TopicDescription & TopicAccess> {
    const command = { op: 'status', topic } as const
    const { count } = await this.#call(command.op, topic, () => command, options)
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
      return (await this.#call(command.op, topic, () => command, { timeoutS, automaticResend: false })).count
    } catch (error) {
      if (RmqError.isInstance(error) && (error.code === 'TIMEOUT' || error.code === 'DISCONNECTED')) return -2
      throw error
    }
  }

  /** @throws UNSUPPORTED towards an original robotmq server, which cannot tell */
  async listTopics(options: CallOptions = {}): Promise<readonly TopicStatus[]> {
    return (await this.#call('list', '', () => ({ op: 'list' }) as const, options)).topics
  }

  /** What the last `peekData` or `popData` brought. */
  getLastRetrievedData(): readonly Message[] {
    return this.#lastRetrieved
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
    this.#lastRetrieved = []
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
      this.#calls.closed(this.#closedError())
      for (const watch of this.#watches) watch.close()
      for (const subscription of this.#subscriptions) subscription.close()
      this.#attachments.release()
      await this.#link?.close()
      this.#resolveClosed()
    })()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #read(op: 'peek' | 'pop', topic: string, n: number, options: CallOptions): Promise<Message[]> {
    const command = { op, topic: parseTopicName(topic), n: parseCount(n) }
    const store = this.#attached(topic, options)
    if (store !== undefined) {
      return this.#retrieved(topic, store, op === 'pop' ? store.take(command.n) : store.read(command.n))
    }
    const reply = await (op === 'pop'
      ? this.#callOnce({ ...command, op }, options)
      : this.#call(op, topic, () => ({ ...command, op }), options))
    return this.#received(topic, reply.epoch, reply.records)
  }

  #received(topic: string, epoch: string, records: readonly TopicRecord[]): Message[] {
    const messages = records.map((record) => toMessage(topic, epoch, record, () => this.#requireLink().serverNowS()))
    this.#lastRetrieved = messages
    return messages
  }

  #retrieved(topic: string, store: SharedTopicStore, records: readonly TopicRecord[]): Message[] {
    const messages = records.map((record) =>
      toMessage(topic, store.description.epoch, record, () => store.clock.nowS()),
    )
    this.#lastRetrieved = messages
    return messages
  }

  /** The topic's store in this process, for calls that would otherwise go over the link with these options. */
  #attached(topic: string, { timeoutS = 1, signal }: CallOptions): SharedTopicStore | undefined {
    const link = this.#requireLink()
    requireTimeout(timeoutS)
    signal?.throwIfAborted()
    return this.#connected ? this.#attachments.find(parseTopicName(topic), link) : undefined
  }

  /** A place in a topic that is attached. */
  #findPlace(topic: TopicName, from: FeedStart, link: Link): Place | undefined {
    const borrowed = this.#connected ? this.#attachments.borrow(topic, link) : undefined
    if (borrowed === undefined) return undefined
    const { store, server } = borrowed
    const { epoch } = store.description
    const start = typeof from === 'string' ? from : (from.epoch ?? epoch) === epoch ? from.after : 'oldest'
    const follower = store.follow(start)
    return {
      epoch,
      clock: store.clock,
      follower,
      isOver: () => store.ended || (this.#connected && server !== link.server),
      leave: () => {
        follower.close()
        borrowed.giveBack()
      },
    }
  }

  /** The same wherever the topic is, once it is there. */
  async #openPlace(request: FeedRequest, again: boolean, signal: AbortSignal): Promise<Place> {
    const topic = parseTopicName(request.topic)
    for (let delayS = FIRST_LOOK_S; ; delayS = Math.min(delayS * 2, LAST_LOOK_S)) {
      const link = this.#requireLink()
      try {
        await link.ready({ signal })
        const attached = this.#findPlace(topic, request.from, link)
        if (attached !== undefined) return attached
        if (await this.#attachable(topic, signal)) continue
        return remotePlace(await RemoteFollower.open(link, request, signal), link)
      } catch (error) {
        // A server that comes back adds its topics one after the other.
        if (!again || !RmqError.isInstance(error) || error.code !== 'TOPIC_NOT_FOUND') throw error
        await sleep(delayS, signal)
      }
    }
  }

  /** Whether the topic turns out to be in shared memory that can be attached, now that the server describes it. */
  async #attachable(topic: TopicName, signal: AbortSignal): Promise<boolean> {
    if (!this.#attachments.possible) return false
    return (await this.describe(topic, { signal })).access === 'attached'
  }

  /** Calls with a key, so that the server runs the command at most once. */
  async #callOnce<C extends Command & { op: 'pop' | 'put' | 'request' }>(
    command: C,
    options: RequestOptions,
    more: () => object = () => NOTHING_MORE,
  ): Promise<ReplyTo<C>> {
    const request = this.#calls.begin()
    const make = (server: string) => ({ ...command, ...more(), key: this.#key(request, server) })
    try {
      return await this.#call(command.op, command.topic, make, options)
    } finally {
      this.#calls.end(request)
    }
  }

  #key(request: number, server: string): RequestKey {
    return { client: this.#calls.client, request, floor: this.#calls.floor, server }
  }

  async #call<C extends Command>(
    op: C['op'],
    topic: string,
    make: (server: string) => C,
    options: RequestOptions,
  ): Promise<ReplyTo<C>> {
    const link = this.#requireLink()
    const { timeoutS = 1, deadlineS, signal } = options
    requireTimeout(timeoutS)
    const once = op === 'pop' || op === 'put' || op === 'request'
    // An original server keeps no record of puts and pops: a second one would take effect again.
    const unsafe = () => link.dialect === 'robotmq' && (op === 'pop' || op === 'put')
    const { automaticResend = !unsafe() } = options
    return callWithResend(link, make, {
      timeoutS,
      automaticResend,
      once,
      deadlineS,
      signal,
      onRetry: () => this.#emit('retry', { op, topic }),
      watch: (watcher) => this.#calls.watch(watcher),
      unanswered: (why, withinS) => unanswered({ op, topic, withinS, why, once, unsafe: unsafe() }),
    })
  }

  #requireLink(): Link {
    if (this.#closing !== undefined || this.#link === undefined) throw this.#closedError()
    return this.#link
  }

  #closedError(): RmqError {
    return new RmqError('CLOSED', `Client "${this.name}" was closed.`)
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

const NOTHING_MORE = {}

/** One record is on its way at a time, and the next is asked for when this one was looked at. */
const ONE_HEAD = { records: 1, bytes: 1 }

function requireYoung(topic: string, newest: Message | undefined, maxAgeS: number): void {
  const ageS = newest?.ageS()
  if (ageS !== undefined && ageS <= maxAgeS) return
  const found = ageS === undefined ? 'it has none' : `its newest is ${ageS.toFixed(3)} s old`
  throw new RmqError('STALE', `Topic "${topic}" has no record of the last ${maxAgeS} s: ${found}.`)
}

function feedRequest(topic: string, from: FeedStart, options: SubscribeOptions): FeedRequest {
  const { policy = 'all', bufferRecords = BUFFER_RECORDS, bufferBytes = BUFFER_BYTES, pollIntervalS } = options
  const credit = { records: bufferRecords, bytes: bufferBytes }
  return { topic, from, policy, credit, ...(pollIntervalS !== undefined && { pollIntervalS }) }
}

function remotePlace(follower: RemoteFollower, link: Link): Place {
  return {
    epoch: follower.epoch,
    clock: { nowS: () => link.serverNowS() },
    follower,
    isOver: () => follower.ended,
    leave: () => follower.close(),
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

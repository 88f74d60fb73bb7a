import { captureStamp, parseCount, requirePayload, requireTimeout } from './arguments.ts'
import { Attachments, type BorrowedStore, type TopicAccess } from './attachments.ts'
import { StartTime } from './clock.ts'
import type { Command, ReplyTo, RequestKey } from './command.ts'
import { transportFor } from './endpoint.ts'
import { RmqError } from './errors.ts'
import { type Lease, LeasedMessage } from './lease.ts'
import { createLogger, type Logger, type RMQLogLevel } from './log.ts'
import { type Message, type TopicRecord, toMessage } from './message.ts'
import { PendingCalls } from './pending-calls.ts'
import { callWithResend } from './resend.ts'
import { requireSubscribeOptions, type SubscribeOptions, Subscription } from './subscription.ts'
import { sleep, timerMs } from './timer.ts'
import type { SharedTopicHome, SharedTopicStore, TopicDescription, TopicStatus } from './topic.ts'
import { parseTopicName, type TopicName } from './topic-name.ts'
import type { Link, ReferenceExchange, Transport } from './transport.ts'

export interface ClientOptions {
  /** Seconds to wait for a server that is not up yet. @default 5 */
  readonly timeoutS?: number
  readonly signal?: AbortSignal
  /** @default RMQLogLevel.INFO */
  readonly logLevel?: RMQLogLevel
}

export interface CallOptions {
  /** Seconds without an answer before the call is sent again. @default 1 */
  readonly timeoutS?: number
  /**
   * Send again every `timeoutS` until answered; false fails with TIMEOUT after the first. Harmless: a call runs at most
   * once. @default true; false for `putData` and `popData` towards an original robotmq server, which would run them twice
   */
  readonly automaticResend?: boolean
  /** Aborts the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface PeekOptions extends CallOptions {
  /**
   * For `n` of 1 or -1: a buffer of yours to copy the payload into; `data` is then its beginning. Fresh memory costs
   * several times the copy.
   */
  readonly into?: Uint8Array
}

export interface ClientPutOptions extends CallOptions {
  /** When the sensor saw it: seconds on the steady clock of the server's host. */
  readonly captureTimeS?: number
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
    const { timeoutS = 5, signal, transports, references } = this.#options
    requireTimeout(timeoutS)
    const transport = transportFor(this.endpoint, transports)
    const timeout = new AbortController()
    const error = new RmqError('TIMEOUT', `No server answered at ${this.endpoint} within ${timeoutS} s: is it running?`)
    const timer = setTimeout(() => timeout.abort(error), timerMs(timeoutS))
    try {
      this.#link = await transport.connect(this.endpoint, {
        clientName: this.name,
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
        ...(references !== undefined && { references }),
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
          this.#emit('disconnect')
        },
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Reads without removing: `n > 0` the oldest n records, `n < 0` the newest |n|, `n = 0` all; in time order.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, TIMEOUT, CLOSED
   */
  async peekData(topic: string, n: number, options: PeekOptions = {}): Promise<Message[]> {
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
   * As `peekData`, and removes exactly what it returns.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, TIMEOUT, OUTCOME_UNKNOWN when the server was restarted meanwhile, CLOSED
   */
  async popData(topic: string, n: number, options: CallOptions = {}): Promise<Message[]> {
    return this.#read('pop', topic, n, options)
  }

  /**
   * Puts one record; resolves when the server has it. `data` is yours again then.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, MESSAGE_TOO_LARGE, TIMEOUT, OUTCOME_UNKNOWN, CLOSED
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
   * @throws TOPIC_NOT_FOUND, REQUEST_FAILED with the handler's message, INVALID_ARGUMENT, TIMEOUT, OUTCOME_UNKNOWN, CLOSED
   */
  async requestWithData(topic: string, data: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    requirePayload(data)
    return (await this.#callOnce({ op: 'request', topic: parseTopicName(topic), data } as const, options)).data
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
    return record === undefined ? undefined : new LeasedMessage(topic, store, record)
  }

  /**
   * The topic's records one by one, as they come. Takes its place in the topic at the call (`await subscription.ready`
   * to be sure); `break` ends it.
   * @throws INVALID_ARGUMENT; the iteration: TOPIC_NOT_FOUND, UNSUPPORTED for topics that are reached over the connection
   */
  subscribe(topic: string, options: SubscribeOptions = {}): Subscription {
    const link = this.#requireLink()
    const name = parseTopicName(topic)
    requireSubscribeOptions(options)
    const subscription = new Subscription(
      {
        topic,
        find: () => (this.#connected ? this.#attachments.borrow(name, link) : undefined),
        open: (again, signal) => this.#open(name, again, signal),
        outdated: ({ server }) => this.#connected && server !== link.server,
        onLost: (lost) => this.#emit('drop', { topic, lost }),
        onEnd: (ended) => this.#subscriptions.delete(ended),
      },
      options,
    )
    if (options.signal?.aborted !== true) this.#subscriptions.add(subscription)
    return subscription
  }

  /**
   * What a topic is and how this client reaches it: `access` is `attached` (in shared memory) or `link`, then with the
   * `reason` if the topic is in shared memory.
   * @throws TOPIC_NOT_FOUND, TIMEOUT, CLOSED
   */
  async describe(topic: string, options: CallOptions = {}): Promise<TopicDescription & TopicAccess> {
    const command = { op: 'describe', topic: parseTopicName(topic) } as const
    const { description } = await this.#call(command.op, topic, () => command, options)
    return { ...description, ...this.#attachments.access(description, this.#requireLink()) }
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
      if (RmqError.isInstance(error) && error.code === 'TIMEOUT') return -2
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
    const messages = reply.records.map((record) =>
      toMessage(topic, reply.epoch, record, () => this.#requireLink().serverNowS()),
    )
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

  /** The topic for a subscription, once it is there. */
  async #open(topic: TopicName, again: boolean, signal: AbortSignal): Promise<BorrowedStore> {
    for (let delayS = FIRST_LOOK_S; ; delayS = Math.min(delayS * 2, LAST_LOOK_S)) {
      const link = this.#requireLink()
      await link.ready({ signal })
      const borrowed = this.#attachments.borrow(topic, link)
      if (borrowed !== undefined) return borrowed
      try {
        const { access, reason = 'it lives on the heap of its server' } = await this.describe(topic, { signal })
        if (access === 'attached') continue
        throw new RmqError(
          'UNSUPPORTED',
          `Topic "${topic}" can only be subscribed to where it is attached (${reason}): read it with peekData.`,
        )
      } catch (error) {
        // A server that comes back adds its topics one after the other.
        if (!again || !RmqError.isInstance(error) || error.code !== 'TOPIC_NOT_FOUND') throw error
        await sleep(delayS, signal)
      }
    }
  }

  /** Calls with a key, so that the server runs the command at most once. */
  async #callOnce<C extends Command & { op: 'pop' | 'put' | 'request' }>(
    command: C,
    options: CallOptions,
  ): Promise<ReplyTo<C>> {
    const request = this.#calls.begin()
    const make = (server: string) => ({ ...command, key: this.#key(request, server) })
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
    options: CallOptions,
  ): Promise<ReplyTo<C>> {
    const link = this.#requireLink()
    const { timeoutS = 1, signal } = options
    requireTimeout(timeoutS)
    const once = op === 'pop' || op === 'put' || op === 'request'
    // An original server keeps no record of puts and pops: a second one would take effect again.
    const unsafe = () => link.dialect === 'robotmq' && (op === 'pop' || op === 'put')
    const { automaticResend = !unsafe() } = options
    return callWithResend(link, make, {
      timeoutS,
      automaticResend,
      once,
      signal,
      onRetry: () => this.#emit('retry', { op, topic }),
      watch: (watcher) => this.#calls.watch(watcher),
      unanswered: (sent) =>
        sent && unsafe()
          ? new RmqError(
              'OUTCOME_UNKNOWN',
              `No answer to ${op} on "${topic}" within ${timeoutS} s: it may have taken effect.`,
            )
          : new RmqError('TIMEOUT', `No answer to ${op} on "${topic}" within ${timeoutS} s: is the server running?`),
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

import { captureStamp, parseCount, requirePayload, requireTimeout } from './arguments.ts'
import { StartTime } from './clock.ts'
import type { Command, ReplyTo, RequestKey } from './command.ts'
import { transportFor } from './endpoint.ts'
import { RmqError } from './errors.ts'
import { createLogger, type Logger, type RMQLogLevel } from './log.ts'
import { type Message, toMessage } from './message.ts'
import { PendingCalls } from './pending-calls.ts'
import { callWithResend } from './resend.ts'
import { timerMs } from './timer.ts'
import type { TopicStatus } from './topic.ts'
import { parseTopicName } from './topic-name.ts'
import type { Link, Transport } from './transport.ts'

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
  /** For `n` of 1 or -1: a buffer of yours to copy the payload into; `data` is then its beginning. */
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

type Listeners = { [Event in keyof ClientEvents]: Set<ClientEvents[Event]> }

/** Reaches the topics of one server. Many calls may be in flight at once. */
export class RMQClient {
  readonly name: string
  readonly endpoint: string
  readonly closed: Promise<void>
  readonly #log: Logger
  readonly #clock = new StartTime()
  readonly #calls = new PendingCalls()
  readonly #listeners: Listeners = { connect: new Set(), disconnect: new Set(), retry: new Set(), drop: new Set() }
  #link: Link | undefined
  #lastRetrieved: readonly Message[] = []
  #resolveClosed: () => void = () => {}
  #closing: Promise<void> | undefined

  /**
   * Resolves once the server has been met.
   * @throws INVALID_ARGUMENT, TIMEOUT when no server answered within `timeoutS`, UNAUTHORIZED
   */
  static async connect(
    name: string,
    endpoint: string,
    options: ClientOptions & { readonly transports: readonly Transport[] },
  ): Promise<RMQClient> {
    const client = new RMQClient(name, endpoint, options)
    await client.start(options)
    return client
  }

  protected constructor(name: string, endpoint: string, options: ClientOptions) {
    if (typeof name !== 'string' || name === '') {
      throw new RmqError('INVALID_ARGUMENT', 'A client needs a name: RMQClient.connect("viewer", endpoint).')
    }
    this.name = name
    this.endpoint = endpoint
    this.#log = createLogger(`client ${name}`, options.logLevel)
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
  }

  protected async start(options: ClientOptions & { readonly transports: readonly Transport[] }): Promise<void> {
    const { timeoutS = 5, signal, transports } = options
    requireTimeout(timeoutS)
    const transport = transportFor(this.endpoint, transports)
    const timeout = new AbortController()
    const error = new RmqError('TIMEOUT', `No server answered at ${this.endpoint} within ${timeoutS} s: is it running?`)
    const timer = setTimeout(() => timeout.abort(error), timerMs(timeoutS))
    try {
      this.#link = await transport.connect(this.endpoint, {
        clientName: this.name,
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
        onConnect: () => {
          this.#log.debug(`connected to ${this.endpoint}`)
          this.#calls.reconnected()
          this.#emit('connect')
        },
        onDisconnect: () => {
          this.#log.warn(`lost ${this.endpoint}, connecting again`)
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
    if (into !== undefined && Math.abs(n) !== 1) {
      throw new RmqError('INVALID_ARGUMENT', `\`into\` takes a single record: call with n of 1 or -1, not ${n}.`)
    }
    const messages = await this.#read('peek', topic, n, options)
    return into === undefined
      ? messages
      : messages.map((message) => ({ ...message, data: copyInto(message.data, into) }))
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
    const put = { op: 'put', topic: parseTopicName(topic), data, ...captureStamp(options.captureTimeS) } as const
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
    const reply = await (op === 'pop'
      ? this.#callOnce({ ...command, op }, options)
      : this.#call(op, topic, () => ({ ...command, op }), options))
    const messages = reply.records.map((record) =>
      toMessage(topic, reply.epoch, record, () => this.#requireLink().serverNowS()),
    )
    this.#lastRetrieved = messages
    return messages
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

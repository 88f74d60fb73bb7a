import { clientLimits, type ServerAccess } from './access.ts'
import { captureStamp, parseCount, requireByteLength, requireBytes, requireFits, requirePayload } from './arguments.ts'
import { StartTime } from './clock.ts'
import type { Engine, EngineRequest, ServerCounters, ServerLimits } from './engine.ts'
import { errorText, RmqError } from './errors.ts'
import { createLogger, type Logger, RMQLogLevel } from './log.ts'
import { type Message, toMessage } from './message.ts'
import { nextTurn } from './next-turn.ts'
import { Pipeline, type PipelineOptions } from './pipeline/pipeline.ts'
import { randomId } from './random-id.ts'
import { type IncomingRequest, isOverdue, type OpenRequest, openRequest, type RequestHandler } from './request.ts'
import { RequestQueue } from './request-queue.ts'
import { parseRetention, type Retention, type RetentionOptions } from './retention.ts'
import type { SharedTopicStore, TopicStatus } from './topic.ts'
import { parseTopicName, type TopicName } from './topic-name.ts'
import { topicExists, topicNotFound } from './topic-registry.ts'

export interface ServerOptions extends ServerLimits, ServerAccess {
  /** @default RMQLogLevel.INFO */
  readonly logLevel?: RMQLogLevel
}

export interface PutOptions {
  /** When the sensor saw it: seconds on this host's steady clock (`steadyClockUs() / 1e6`). */
  readonly captureTimeS?: number
}

/** Room for one record in a topic's own memory, which nobody sees before `commit`. */
export interface Loan {
  /** To be written by the caller. Empty once the loan was committed or discarded. */
  readonly bytes: Uint8Array
  /** Publishes the record: all of `bytes`, or its first `byteLength`. @throws INVALID_ARGUMENT, CLOSED, STALLED */
  commit(options?: PutOptions & { readonly byteLength?: number }): void
  /** Gives the room back. May be called again, and after `commit`. */
  discard(): void
}

interface LocalTopic {
  readonly retention: Retention
  /** Of a topic in shared memory. */
  readonly store?: SharedTopicStore
}

/** What a topic in shared memory is made from. */
export interface SharedTopicSeed {
  readonly name: TopicName
  readonly epoch: string
  /** The run of the server. */
  readonly server: string
  /** Timestamp 0 of the server, now and after a reset of the store. */
  readonly clock: StartTime
}

/** Owns topics and answers for them. */
export class RMQServer {
  readonly name: string
  readonly #engine: Engine
  readonly #log: Logger
  readonly #clock = new StartTime()
  /** The run of this server. */
  readonly #run = randomId()
  readonly #topics = new Map<string, LocalTopic>()
  readonly #handlers = new Map<string, RequestHandler>()
  readonly #queue = new RequestQueue()
  readonly #pipelines = new Set<Pipeline>()
  /** Requests that were delivered and not yet answered. */
  readonly #open = new Map<number, OpenRequest>()
  readonly #endpoints: string[] = []
  #closing: Promise<void> | undefined
  /** Why the engine ended by itself. */
  #death: unknown

  /**
   * Binds every endpoint, or none.
   * @throws INVALID_ARGUMENT, ENDPOINT_IN_USE, PERMISSION_DENIED
   */
  static async bind(
    name: string,
    endpoints: string | readonly string[],
    options: ServerOptions & { readonly engine: Engine },
  ): Promise<RMQServer> {
    const { engine, ...rest } = options
    const server = new RMQServer(name, engine, rest)
    await server.start(endpoints, rest)
    return server
  }

  protected constructor(name: string, engine: Engine, options: ServerOptions) {
    if (typeof name !== 'string' || name === '') {
      throw new RmqError('INVALID_ARGUMENT', 'A server needs a name: RMQServer.bind("camera", "ipc:///tmp/feeds/0").')
    }
    this.name = name
    this.#engine = engine
    this.#log = createLogger(`server ${name}`, options.logLevel)
  }

  protected async start(endpoints: string | readonly string[], options: ServerOptions): Promise<void> {
    const { logLevel = RMQLogLevel.INFO, ...limits } = options
    const wanted = typeof endpoints === 'string' ? [endpoints] : endpoints
    if (!Array.isArray(wanted) || wanted.length === 0) {
      throw new RmqError('INVALID_ARGUMENT', 'A server needs at least one endpoint, such as "ipc:///tmp/feeds/0".')
    }
    clientLimits(limits)
    try {
      await this.#engine.start(
        { name: this.name, server: this.#run, zeroUs: this.#clock.zeroUs, logLevel, ...limits },
        { deliver: (request) => this.#deliver(request), cancel: (id) => this.#cancel(id) },
      )
      for (const endpoint of wanted) this.#endpoints.push(await this.#engine.listen(endpoint))
    } catch (error) {
      await this.#engine.close()
      throw error
    }
    this.#log.debug(`listening on ${this.#endpoints.join(', ')}`)
    // Who does not look at `closed` is told of the engine's death by the next call instead.
    this.#engine.closed.catch((error) => {
      this.#death = error
      this.#log.error(errorText(error))
      for (const pipeline of this.#pipelines) pipeline.close()
    })
  }

  /** As bound: with the port that the system chose where 0 was asked for. */
  get endpoints(): readonly string[] {
    return this.#endpoints
  }

  /** Settles when the server ended: fulfilled by `close`, rejected when its message thread died. */
  get closed(): Promise<void> {
    return this.#engine.closed
  }

  /** @throws TOPIC_EXISTS, INVALID_ARGUMENT, CLOSED */
  addTopic(topic: string, options: RetentionOptions): void {
    const name = this.#newTopicName(topic)
    const retention = parseRetention(options)
    this.#engine.addTopic({ name, kind: 'heap', retention, epoch: randomId() })
    this.#topics.set(name, { retention })
  }

  /** Adds a topic whose records are put, and read, by this thread itself. */
  protected addSharedTopic(topic: string, create: (seed: SharedTopicSeed) => SharedTopicStore): void {
    const name = this.#newTopicName(topic)
    const store = create({ name, epoch: randomId(), server: this.#run, clock: this.#clock })
    try {
      this.#engine.addTopic(store.description)
    } catch (error) {
      store.close()
      throw error
    }
    this.#topics.set(name, { retention: store.description.retention, store })
  }

  #newTopicName(topic: string): TopicName {
    this.#requireOpen()
    const name = parseTopicName(topic)
    if (this.#topics.has(name)) throw topicExists(name)
    return name
  }

  /**
   * Puts one record. Synchronous: `data` is yours again when it returns.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT for an empty payload or one that is not bytes, MESSAGE_TOO_LARGE,
   *   NO_SPACE when the message thread cannot keep up, CLOSED
   */
  putData(topic: string, data: Uint8Array, options: PutOptions = {}): void {
    this.#requireOpen()
    const { store, retention } = this.#topic(topic)
    requirePayload(data)
    const capture = captureStamp(options.captureTimeS)
    if (store !== undefined) {
      store.append(data, capture)
      return
    }
    requireFits(data, topic, retention.maxBytes)
    this.#engine.put(topic, data, { timestampS: this.#clock.nowS(), ...capture })
  }

  /**
   * Room for one record in a shared memory topic, for a sensor to write into without a copy. A few may be open at once.
   * @param byteLength of the record, greater than 0
   * @throws TOPIC_NOT_FOUND, UNSUPPORTED for a topic on the heap, INVALID_ARGUMENT, MESSAGE_TOO_LARGE, NO_SPACE,
   *   LEASE_LIMIT when too many are open, CLOSED
   */
  loan(topic: string, byteLength: number): Loan {
    this.#requireOpen()
    const { store } = this.#topic(topic)
    if (store === undefined) {
      throw new RmqError('UNSUPPORTED', `Topic "${topic}" is on the heap, where nothing is loaned: use putData.`)
    }
    requireByteLength(byteLength, Number.MAX_SAFE_INTEGER)
    const loan = store.loan(byteLength)
    return {
      get bytes() {
        return loan.bytes
      },
      commit({ captureTimeS, byteLength: used = byteLength } = {}) {
        requireByteLength(used, byteLength)
        loan.commit(used, captureStamp(captureTimeS))
      },
      discard: () => loan.discard(),
    }
  }

  /**
   * `n > 0` the oldest n records, `n < 0` the newest |n|, `n = 0` all; in time order.
   * @throws TOPIC_NOT_FOUND, INVALID_ARGUMENT, CLOSED
   */
  async peekData(topic: string, n: number): Promise<Message[]> {
    return this.#read('peek', topic, n)
  }

  /** As `peekData`, and removes exactly what it returns. */
  async popData(topic: string, n: number): Promise<Message[]> {
    return this.#read('pop', topic, n)
  }

  async #read(op: 'peek' | 'pop', topic: string, n: number): Promise<Message[]> {
    this.#requireOpen()
    const store = this.#topics.get(topic)?.store
    if (store !== undefined) {
      const records = op === 'pop' ? store.take(parseCount(n)) : store.read(parseCount(n))
      return records.map((record) => toMessage(topic, store.description.epoch, record, () => this.#clock.nowS()))
    }
    const { epoch, records } = await this.#engine.execute({ op, topic: parseTopicName(topic), n: parseCount(n) })
    return records.map((record) => toMessage(topic, epoch, record, () => this.#clock.nowS()))
  }

  /**
   * Answers a topic's requests. Requests run side by side. One handler per topic; another call replaces it.
   * @returns a function that removes the handler
   */
  onRequest(topic: string, handler: RequestHandler): () => void {
    this.#requireOpen()
    this.#topic(topic)
    if (typeof handler !== 'function') throw new RmqError('INVALID_ARGUMENT', 'onRequest needs a function as handler.')
    this.#handlers.set(topic, handler)
    for (const request of this.#queue.takeTopic(topic)) void this.#handle(handler, request)
    return () => {
      if (this.#handlers.get(topic) === handler) this.#handlers.delete(topic)
    }
  }

  /**
   * Adds a topic whose jobs workers take, wherever they are: `client.work(topic, handler)`. Each job goes to exactly one
   * of them; that of a dead one goes to the next, as often as `attempts` says.
   * @throws TOPIC_EXISTS, INVALID_ARGUMENT, CLOSED
   */
  addPipeline(topic: string, options: PipelineOptions = {}): Pipeline {
    const pipeline: Pipeline = new Pipeline(topic, options, () => {
      this.#pipelines.delete(pipeline)
      stopAnswering()
    })
    this.addTopic(topic, { messageRemainingTimeS: 1 })
    const stopAnswering = this.onRequest(topic, (request) => pipeline.answer(request))
    this.#pipelines.add(pipeline)
    return pipeline
  }

  /**
   * The next request of a topic without a handler; answer it with `replyRequest`.
   * @param timeoutS seconds; negative waits for ever
   * @returns undefined when none came in time, or the server was closed
   */
  async waitForRequest(timeoutS: number): Promise<IncomingRequest | undefined> {
    this.#requireOpen()
    if (typeof timeoutS !== 'number' || Number.isNaN(timeoutS)) {
      throw new RmqError('INVALID_ARGUMENT', `timeoutS must be a number of seconds, got ${String(timeoutS)}.`)
    }
    const next = await this.#queue.next(timeoutS)
    if (next !== undefined) this.#engine.take(next.id)
    return next?.request
  }

  /**
   * Answers a request that `waitForRequest` returned.
   * @param topicOrRequest the request, or its topic: then the oldest one there that was waited for and not answered
   * @throws INVALID_ARGUMENT where no such request is open
   */
  replyRequest(topicOrRequest: string | IncomingRequest, data: Uint8Array): void {
    this.#requireOpen()
    requireBytes(data, 'A reply')
    const found = [...this.#open.values()].find(
      ({ id, request }) => !this.#queue.has(id) && (request === topicOrRequest || request.topic === topicOrRequest),
    )
    if (found === undefined) {
      // The client of a given request may have gone away meanwhile: its answer is then of no use, and no mistake.
      if (typeof topicOrRequest !== 'string') return
      throw new RmqError('INVALID_ARGUMENT', `No request on topic "${topicOrRequest}" waits for a reply.`)
    }
    this.#answer(found, data)
  }

  /** @returns the number of records, or -1 where there is no such topic */
  async getTopicStatus(topic: string): Promise<number> {
    this.#requireOpen()
    return (await this.#engine.execute({ op: 'status', topic: parseTopicName(topic) })).count
  }

  /** @returns the number of records of each topic */
  async getAllTopicStatus(): Promise<Record<string, number>> {
    return Object.fromEntries((await this.listTopics()).map(({ topic, count }) => [topic, count]))
  }

  async listTopics(): Promise<readonly TopicStatus[]> {
    this.#requireOpen()
    return (await this.#engine.execute({ op: 'list' })).topics
  }

  /** What the server counts beside its topics. */
  async counters(): Promise<ServerCounters> {
    this.#requireOpen()
    return this.#engine.counters()
  }

  /** Seconds on the server's clock. */
  getTimestamp(): number {
    return this.#clock.nowS()
  }

  /**
   * Moves timestamp 0 to a wall clock instant and empties all topics.
   * @param systemTimeUs microseconds since 1970, as `systemClockUs()` tells; 0 makes timestamps unix seconds
   */
  resetStartTime(systemTimeUs: number): void {
    this.#requireOpen()
    if (!Number.isFinite(systemTimeUs)) {
      throw new RmqError('INVALID_ARGUMENT', `systemTimeUs must be a finite number, got ${String(systemTimeUs)}.`)
    }
    this.#clock.reset(systemTimeUs)
    const epochs = new Map([...this.#topics.keys()].map((name) => [name, randomId()]))
    for (const [name, { store }] of this.#topics) store?.reset(epochs.get(name)!)
    this.#engine.resetStartTime(this.#clock.zeroUs, epochs)
  }

  /** Unbinds, ends the topics and the message thread. May be called again. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#queue.close()
      // Before their workers seem to have gone.
      for (const pipeline of this.#pipelines) pipeline.close()
      for (const { cancel } of this.#open.values()) cancel()
      this.#open.clear()
      await this.#engine.close()
      for (const { store } of this.#topics.values()) store?.close()
    })()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new RmqError('CLOSED', `Server "${this.name}" was closed.`)
    if (this.#death !== undefined) throw this.#death
  }

  #topic(topic: string): LocalTopic {
    const found = this.#topics.get(topic)
    if (found === undefined) throw topicNotFound(String(topic))
    return found
  }

  #deliver(engineRequest: EngineRequest): void {
    const open = openRequest(engineRequest)
    this.#open.set(open.id, open)
    const handler = this.#handlers.get(engineRequest.topic)
    if (handler === undefined) this.#queue.push(open)
    else if (!open.supersede) void this.#handle(handler, open)
    else {
      // Where this thread was busy, its successor waits behind it, and that it was cancelled.
      nextTurn(() => {
        if (this.#open.has(open.id)) void this.#handle(handler, open)
      })
    }
  }

  #cancel(id: number): void {
    this.#queue.remove(id)
    this.#open.get(id)?.cancel()
    this.#open.delete(id)
  }

  async #handle(handler: RequestHandler, open: OpenRequest): Promise<void> {
    if (isOverdue(open)) return
    // Most requests are answered at once: telling that they were taken would cost a message to the engine's thread.
    if (open.supersede) this.#engine.take(open.id)
    else {
      setTimeout(() => {
        if (this.#open.has(open.id)) this.#engine.take(open.id)
      })
    }
    try {
      const data = await handler(open.request, open.request)
      requireBytes(data, `What the handler of "${open.request.topic}" returns`)
      this.#answer(open, data)
    } catch (error) {
      if (this.#open.delete(open.id)) this.#engine.answer(open.id, { error: errorText(error) })
    }
  }

  #answer(open: OpenRequest, data: Uint8Array): void {
    if (this.#open.delete(open.id)) this.#engine.answer(open.id, { data })
  }
}

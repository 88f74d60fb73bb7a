import type { Buffer } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type LinkCallOptions as CallOptions,
  type CancelSignal,
  type ClockEstimate,
  type Command,
  type ConnectOptions,
  type FeedRequest,
  type Link,
  type LinkFeedSink,
  type ReplyTo,
  RmqError,
  randomId,
  steadyClockUs,
} from '@rmq/core'
import { guardExit } from '@rmq/core/thread'
import type { Dealer } from 'zeromq'
import { Lane } from '../lane/lane.ts'
import type { LaneInvitation } from '../lane/lane-codec.ts'
import { LentFrames } from '../lent-frames.ts'
import { errorFromText } from '../robotmq/error-text.ts'
import { decodeFrame, RobotmqCommand, topicText } from '../robotmq/frame.ts'
import { encodeClientHello, readServerHello } from '../robotmq/hello.ts'
import { type ClientKeys, clientKeys } from '../security/client-keys.ts'
import { RefusalWatch } from '../security/refusal-watch.ts'
import { encodeCancel } from '../wire/feed-codec.ts'
import { GONE_MESSAGE, hasWireMagic, MessageKind, peekHead, WIRE_VERSION } from '../wire/head.ts'
import { encodePing } from '../wire/ping-codec.ts'
import { CallTable, type PendingCall } from './call-table.ts'
import { connectDealer, type Liveness, openDealer, reconnectDealer } from './dealer-socket.ts'
import type { Dialect } from './dialect.ts'
import { callOfEnvelope, encodeEnvelope, frameOfEnvelope, MAX_CALL } from './envelope.ts'
import type { Exchange, ExchangeOptions } from './exchange.ts'
import { type Asked, LinkFeeds } from './link-feeds.ts'
import { Pings } from './pings.ts'
import { PollingFeed } from './polling-feed.ts'
import { RobotmqCalls } from './robotmq-calls.ts'
import { RobotmqDialect } from './robotmq-dialect.ts'
import { ServerClock } from './server-clock.ts'
import { Waiters } from './waiters.ts'
import { WireDialect } from './wire-dialect.ts'

/** After this long without an answer the hello is said again, then after twice as long, up to the most. */
const HELLO_AGAIN_MS = 1000
const HELLO_AGAIN_MOST_MS = 15_000
/** An answer that took longer waited for the connection: it tells nothing of the server's clock. */
const HELLO_SLOW_US = 100_000

/** Connects, and resolves once the server has been met. */
export async function connectTo(endpoint: string, options: ConnectOptions): Promise<Link> {
  options.signal?.throwIfAborted()
  const { disconnectAfterS = 3 } = options
  const link = new DealerLink(endpoint, options, { disconnectAfterS }, clientKeys(options.security))
  try {
    await link.ready(options.signal === undefined ? {} : { signal: options.signal })
  } catch (thrown) {
    await link.close()
    throw thrown
  }
  return link
}

/** A client's connection to one server, whichever wire it speaks. */
class DealerLink implements Link {
  readonly #socket: Dealer
  readonly #options: ConnectOptions
  /** By which the server knows the connections of this client. */
  readonly #instance: string
  readonly #hello: Uint8Array
  readonly #calls = new CallTable()
  readonly #endpoint: string
  readonly #liveness: Liveness
  readonly #keys: ClientKeys
  readonly #refusals: RefusalWatch
  readonly #clock = new ServerClock()
  readonly #pings = new Pings(this.#clock, () => this.#ping())
  readonly #feeds: LinkFeeds = new LinkFeeds(
    (frames) => this.#sendSmall(frames),
    () => {
      if (this.#liveness !== 'bulk') this.#pings.start()
    },
  )
  readonly #ready = new Waiters()
  readonly #lent = new LentFrames()
  readonly #robotmq = new RobotmqDialect(() => this.serverNowS())
  readonly #robotmqCalls: RobotmqCalls
  #dialect: Dialect | undefined
  #server = ''
  #met = false
  #closed = false
  #nextCall = 1
  /** Replies of our wire on this connection. */
  #received = 0
  /** When each hello on this connection was said, by its number. */
  readonly #hellos = new Map<number, number>()
  /** The hello whose answer counts however long it takes. */
  #decisiveHello: number | undefined
  #helloTimer: NodeJS.Timeout | undefined
  #lane: Lane | undefined
  /** A connection for large records, so that small ones do not wait behind them. Its life is part of this one's. */
  #bulk: DealerLink | undefined
  /** In a worker thread that ends, a socket that still waits for a frame would abort the process. */
  readonly #unguard: () => void

  constructor(
    endpoint: string,
    options: ConnectOptions,
    liveness: Liveness,
    keys: ClientKeys,
    instance: string = randomId(),
  ) {
    this.#endpoint = endpoint
    this.#options = options
    this.#liveness = liveness
    this.#keys = keys
    this.#refusals = new RefusalWatch(endpoint, keys, (error) => this.#onRefused(error))
    this.#instance = instance
    this.#hello = encodeClientHello({ client: options.clientName, instance, bulk: liveness === 'bulk' })
    const exchange: Exchange = (command, callOptions) => this.#exchange(command, callOptions)
    this.#robotmqCalls = new RobotmqCalls(exchange, this.#robotmq, options.references)
    this.#socket = openDealer(endpoint, liveness, keys)
    this.#unguard = guardExit(() => this.#lent.closeNow(this.#socket))
    connectDealer(this.#socket, endpoint)
    void this.#receive()
    this.#greet()
  }

  get dialect(): 'rmq' | 'robotmq' {
    return this.#dialect?.name ?? 'rmq'
  }

  get server(): string {
    return this.#server
  }

  serverNowS(): number {
    return this.#clock.nowS()
  }

  clock(): ClockEstimate {
    return this.#clock.clock
  }

  ready(options: CallOptions = {}): Promise<void> {
    if (this.#closed) return Promise.reject(linkClosed())
    return this.#met ? Promise.resolve() : this.#ready.wait(options.signal)
  }

  async call<C extends Command>(command: C, options: CallOptions = {}): Promise<ReplyTo<C>> {
    if (!this.#met) await this.ready(options)
    return this.#dialect === this.#robotmq
      ? this.#robotmqCalls.call(command, options)
      : this.#exchange(command, options)
  }

  async subscribe(request: FeedRequest, sink: LinkFeedSink, options: CallOptions = {}): Promise<void> {
    for (let asked: Asked = 'lost'; asked === 'lost'; ) {
      await this.ready(options)
      if (this.#dialect === this.#robotmq) {
        const { topic } = request
        const peek = async (n: number, signal: CancelSignal) =>
          (await this.call({ op: 'peek', topic, n }, { signal })).records
        return PollingFeed.begin(request, sink, peek, options.signal)
      }
      asked = await (request.large ? this.#askBulk(request, sink, options) : this.#ask(request, sink, options))
    }
  }

  #ask(request: FeedRequest, sink: LinkFeedSink, { signal }: CallOptions): Promise<Asked> {
    return this.#feeds.ask(this.#takeNumber(), request, sink, this.#received, signal)
  }

  async #askBulk(request: FeedRequest, sink: LinkFeedSink, options: CallOptions): Promise<Asked> {
    if (this.#bulk === undefined) {
      const { clientName } = this.#options
      this.#bulk = new DealerLink(this.#endpoint, { clientName }, 'bulk', this.#keys, this.#instance)
    }
    const bulk = this.#bulk
    try {
      await bulk.ready(options)
      return await bulk.#ask(request, sink, options)
    } catch (thrown) {
      // Its end from here came with that of the main connection, which is made again.
      if (bulk.#closed && !this.#closed) return 'lost'
      throw thrown
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#met = false
    clearTimeout(this.#helloTimer)
    this.#refusals.stop()
    this.#pings.stop()
    this.#lane?.close()
    this.#unguard()
    const gone = this.#lent.close(this.#socket)
    this.#ready.rejectAll(linkClosed())
    this.#calls.rejectAll(linkClosed())
    this.#feeds.close(linkClosed())
    await Promise.all([this.#bulk?.close(), gone])
  }

  #exchange<C extends Command>(command: C, { signal, onQuit }: ExchangeOptions): Promise<ReplyTo<C>> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: unknown) => {
        onQuit?.('settled')
        reject(reason)
      }
      if (this.#closed) return refuse(linkClosed())
      if (signal?.aborted) return refuse(signal.reason)
      const number = this.#takeNumber()
      const onAbort = () => {
        this.#abandon(number, command)
        reject(signal!.reason)
        this.#flush()
      }
      const settle =
        <T>(deliver: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', onAbort)
          deliver(value)
        }
      signal?.addEventListener('abort', onAbort, { once: true })
      const call = {
        number,
        command,
        resolve: settle(resolve as (reply: unknown) => void),
        reject: settle(reject),
        onQuit,
        sentUs: 0,
      }
      this.#calls.add(call)
      this.#flush()
    })
  }

  /** Nobody waits for the call any more; neither need a handler of the server. */
  #abandon(number: number, { op }: Command): void {
    const sent = this.#calls.abandon(number, this.#dialect?.countsAbandoned ?? false)
    if (sent && op === 'request' && this.#met && this.#dialect?.name === 'rmq') this.#sendSmall(encodeCancel(number))
  }

  #ping(): number | undefined {
    if (!this.#met || this.#dialect?.name !== 'rmq') return undefined
    const number = this.#takeNumber()
    this.#sendSmall(encodePing(number))
    return number
  }

  /** Sends what waits, in order, as far as the server takes it. */
  #flush(): void {
    const dialect = this.#dialect
    if (dialect === undefined) return
    while (this.#met && this.#calls.unanswered < dialect.maxUnanswered) {
      const call = this.#calls.takeUnsent()
      if (call === undefined) return
      try {
        const frames = dialect.encode(call.number, call.command, this.#received)
        call.sentUs = steadyClockUs()
        // Puts keep their order, which two ways at once would not.
        const byLane = call.command.op !== 'put' && this.#lane?.send(frames)
        if (!byLane) this.#send(frames)
      } catch (thrown) {
        this.#calls.answered(call.number)
        call.reject(thrown)
      }
    }
  }

  /** For what need not keep its order. */
  #sendSmall(frames: Uint8Array[]): void {
    if (!this.#lane?.send(frames)) this.#send(frames)
  }

  /** A message that the socket does not take is lost, as on the wire: whoever waits sends again. */
  #send(frames: Uint8Array[]): void {
    if (this.#socket.closed) return
    this.#lent.note(frames)
    this.#socket.send(frames as Buffer[]).catch(() => {})
  }

  async #receive(): Promise<void> {
    while (!this.#socket.closed) {
      let frames: Buffer[]
      try {
        frames = await this.#socket.receive()
      } catch {
        // Closed meanwhile, or interrupted.
        await nextTurn()
        continue
      }
      if (!this.#closed) this.#onMessage(frames)
    }
  }

  #onMessage(frames: Buffer[]): void {
    const first = frames[0]!
    if (!hasWireMagic(first)) this.#onAnswer(callOfEnvelope(frames), frames)
    else if (first.equals(GONE_MESSAGE)) this.#onLost()
    else this.#onWireMessage(frames, false)
  }

  #onWireMessage(frames: Buffer[], byLane: boolean): void {
    const head = peekHead(frames[0]!)
    if (head === undefined) return
    const { kind, call } = head
    if (kind === MessageKind.PUSH) this.#feeds.onPush(call, frames)
    else if (kind === MessageKind.PONG) this.#pings.onPong(call, frames, steadyClockUs())
    else {
      if (!byLane) this.#received = (this.#received + 1) >>> 0
      if (!this.#feeds.onAnswer(call, frames, byLane)) this.#onAnswer(call, frames)
    }
  }

  #openLane(invitation: LaneInvitation): void {
    const lane: Lane = new Lane(invitation, {
      onMessage: (frames) => {
        if (frames[0] !== undefined && hasWireMagic(frames[0])) this.#onWireMessage(frames, true)
      },
      onClose: () => {
        if (this.#lane !== lane) return
        this.#lane = undefined
        this.#feeds.onLost(true)
      },
    })
    this.#lane = lane
  }

  #closeLane(): void {
    this.#lane?.close()
    this.#lane = undefined
  }

  #onAnswer(number: number | undefined, frames: Buffer[]): void {
    if (number === undefined) return
    const receivedUs = steadyClockUs()
    const helloSentUs = this.#hellos.get(number)
    if (helloSentUs !== undefined) {
      this.#onHello(number, helloSentUs, receivedUs, frames)
      return
    }
    const call = this.#calls.answered(number)
    if (call !== undefined) this.#settle(call, frames, receivedUs)
    this.#flush()
  }

  #settle(call: PendingCall, frames: Buffer[], receivedUs: number): void {
    try {
      const { reply, serverS } = this.#dialect!.decode(call.command, frames)
      // How long a handler took says nothing of the clock.
      const { sentUs, command } = call
      if (command.op !== 'request' && !this.#clock.sample({ sentUs, inS: serverS, outS: serverS, receivedUs })) {
        this.#pings.start()
      }
      call.resolve(reply)
    } catch (thrown) {
      call.reject(thrown)
    }
  }

  /** The connection is gone; ZeroMQ makes another. */
  #onLost(): void {
    const wasMet = this.#met
    this.#met = false
    this.#received = 0
    this.#pings.stop()
    this.#closeLane()
    const bulk = this.#bulk
    this.#bulk = undefined
    this.#calls.forgetUnanswered('lost')
    this.#greet()
    if (wasMet) tell(this.#options.onDisconnect)
    this.#feeds.onLost(false)
    if (bulk === undefined) return
    bulk.#feeds.onLost(false)
    void bulk.close()
  }

  /** Says hello, now or as soon as there is a connection, until it is answered. */
  #greet(): void {
    clearTimeout(this.#helloTimer)
    this.#hellos.clear()
    this.#decisiveHello = undefined
    const sayHello = (againMs: number) => {
      this.#sayHello()
      this.#helloTimer = setTimeout(() => sayHello(Math.min(againMs * 2, HELLO_AGAIN_MOST_MS)), againMs)
    }
    sayHello(HELLO_AGAIN_MS)
    this.#refusals.start(this.#dialect === undefined)
  }

  #sayHello(): number {
    const number = this.#takeNumber()
    this.#hellos.set(number, steadyClockUs())
    this.#send(encodeEnvelope(number, this.#hello))
    return number
  }

  /** The server may change its mind: the client goes on asking. Whoever waits is told why now. */
  #onRefused(error: RmqError): void {
    reconnectDealer(this.#socket, this.#endpoint)
    this.#sayHello()
    this.#ready.rejectAll(error)
  }

  #takeNumber(): number {
    const number = this.#nextCall
    this.#nextCall = number === MAX_CALL ? 1 : number + 1
    return number
  }

  #onHello(number: number, sentUs: number, receivedUs: number, frames: readonly Uint8Array[]): void {
    if (receivedUs - sentUs > HELLO_SLOW_US && number !== this.#decisiveHello) {
      this.#decisiveHello ??= this.#sayHello()
      return
    }
    try {
      const { topic, command, timestampS, body } = decodeFrame(frameOfEnvelope(frames))
      if (command === RobotmqCommand.ERROR) {
        throw errorFromText('status', topicText(topic) ?? '', topicText(body) ?? '')
      }
      const hello = readServerHello(body)
      if (hello !== undefined && !hello.versions.includes(WIRE_VERSION)) {
        throw new RmqError(
          'VERSION_MISMATCH',
          `The server speaks wire versions ${hello.versions.join(', ')}, this client ${WIRE_VERSION}: update the older side.`,
        )
      }
      this.#clock.reset()
      const zero = hello?.zeroS === undefined ? {} : { zeroS: hello.zeroS }
      this.#clock.sample({ sentUs, inS: timestampS, outS: timestampS, receivedUs, ...zero })
      this.#server = hello?.server ?? ''
      this.#robotmq.forgetTopics()
      this.#closeLane()
      if (hello?.lane !== undefined && this.#liveness !== 'bulk') this.#openLane(hello.lane)
      this.#dialect = hello === undefined ? this.#robotmq : new WireDialect(hello.maxMessageBytes)
    } catch (thrown) {
      // Said again later: the server may change its mind. Whoever waits is told why now.
      this.#ready.rejectAll(thrown)
      return
    }
    clearTimeout(this.#helloTimer)
    this.#refusals.stop()
    this.#hellos.clear()
    this.#met = true
    if (this.#liveness !== 'bulk') this.#pings.start()
    this.#ready.resolveAll()
    tell(this.#options.onConnect)
    this.#flush()
  }
}

/** What a listener throws is an uncaught error of the program, and no end of the connection. */
function tell(listener: (() => void) | undefined): void {
  try {
    listener?.()
  } catch (thrown) {
    setImmediate(() => {
      throw thrown
    })
  }
}

function linkClosed(): RmqError {
  return new RmqError('CLOSED', 'The connection was closed.')
}

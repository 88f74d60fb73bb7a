import type { Buffer } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type CallOptions,
  type Command,
  type ConnectOptions,
  type Link,
  type ReplyTo,
  RmqError,
  steadyClockUs,
} from '@rmq/core'
import { guardExit } from '@rmq/core/thread'
import type { Dealer } from 'zeromq'
import { Lane } from '../lane/lane.ts'
import { LentFrames } from '../lent-frames.ts'
import { errorFromText } from '../robotmq/error-text.ts'
import { decodeFrame, RobotmqCommand, topicText } from '../robotmq/frame.ts'
import { encodeClientHello, readServerHello } from '../robotmq/hello.ts'
import { GONE_MESSAGE, hasWireMagic, peekHead, WIRE_VERSION } from '../wire/head.ts'
import { CallTable, type PendingCall } from './call-table.ts'
import { connectDealer, openDealer } from './dealer-socket.ts'
import type { Dialect } from './dialect.ts'
import { callOfEnvelope, encodeEnvelope, frameOfEnvelope, MAX_CALL } from './envelope.ts'
import type { Exchange, ExchangeOptions } from './exchange.ts'
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
  const link = new DealerLink(endpoint, options)
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
  readonly #hello: Uint8Array
  readonly #calls = new CallTable()
  readonly #clock = new ServerClock()
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
  /** In a worker thread that ends, a socket that still waits for a frame would abort the process. */
  readonly #unguard: () => void

  constructor(endpoint: string, options: ConnectOptions) {
    this.#options = options
    this.#hello = encodeClientHello(options.clientName)
    const exchange: Exchange = (command, callOptions) => this.#exchange(command, callOptions)
    this.#robotmqCalls = new RobotmqCalls(exchange, this.#robotmq, options.references)
    this.#socket = openDealer(endpoint)
    this.#unguard = guardExit(() => {
      this.#socket.close()
      this.#lent.waitReturned()
    })
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

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#met = false
    clearTimeout(this.#helloTimer)
    this.#lane?.close()
    this.#unguard()
    this.#socket.close()
    this.#ready.rejectAll(linkClosed())
    this.#calls.rejectAll(linkClosed())
    await this.#lent.returned(0)
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
        this.#calls.abandon(number, this.#dialect?.countsAbandoned ?? false)
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
    else {
      this.#received = (this.#received + 1) >>> 0
      this.#onAnswer(peekHead(first)?.call, frames)
    }
  }

  #onLaneMessage(frames: Buffer[]): void {
    const [first] = frames
    if (first !== undefined && hasWireMagic(first)) this.#onAnswer(peekHead(first)?.call, frames)
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
      if (call.command.op !== 'request') this.#clock.sample(call.sentUs, receivedUs, serverS)
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
    this.#closeLane()
    this.#calls.forgetUnanswered('lost')
    this.#greet()
    if (wasMet) tell(this.#options.onDisconnect)
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
  }

  #sayHello(): number {
    const number = this.#takeNumber()
    this.#hellos.set(number, steadyClockUs())
    this.#send(encodeEnvelope(number, this.#hello))
    return number
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
      this.#clock.sample(sentUs, receivedUs, timestampS)
      this.#server = hello?.server ?? ''
      this.#robotmq.forgetTopics()
      this.#closeLane()
      if (hello?.lane !== undefined) this.#lane = new Lane(hello.lane, (laned) => this.#onLaneMessage(laned))
      this.#dialect = hello === undefined ? this.#robotmq : new WireDialect(hello.maxMessageBytes)
    } catch (thrown) {
      // Said again later: the server may change its mind. Whoever waits is told why now.
      this.#ready.rejectAll(thrown)
      return
    }
    clearTimeout(this.#helloTimer)
    this.#hellos.clear()
    this.#met = true
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

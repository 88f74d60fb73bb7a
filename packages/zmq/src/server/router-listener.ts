import type { Buffer } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ClientLimits, clientLimits, errorText, type Listener, RmqError, type SessionHost } from '@rmq/core'
import type { Router } from 'zeromq'
import { type ParsedEndpoint, parseEndpoint } from '../endpoint-syntax.ts'
import { LaneListener } from '../lane/lane-listener.ts'
import { LentFrames } from '../lent-frames.ts'
import { NO_SPACE_TOPIC } from '../robotmq/error-text.ts'
import { decodeFrame, topicBytes } from '../robotmq/frame.ts'
import { isClientHello, readClientHello } from '../robotmq/hello.ts'
import { type EndpointGuard, openEndpointGuard, warnOfStrangers } from '../security/endpoint-guard.ts'
import { encodeError } from '../wire/error-codec.ts'
import { GONE_MESSAGE, hasWireMagic, peekHead } from '../wire/head.ts'
import { bindError } from '../zmq-error.ts'
import { bindIpcPath } from './ipc-path.ts'
import { type ConnectedPeer, PeerTable } from './peer-table.ts'
import { portIsFree } from './port-is-free.ts'
import { errorFrame } from './robotmq-error.ts'
import { RobotmqService } from './robotmq-service.ts'
import { openRouter } from './router-socket.ts'
import { WireService } from './wire-service.ts'

export interface ListenOptions {
  readonly maxPeers: number
  readonly referenceHoldS: number
}

/** Messages that are taken in before timers and other sockets get their turn. */
const MESSAGES_PER_TURN = 256

/** Binds an endpoint and serves both wires there. */
export async function listenOn(endpoint: string, host: SessionHost, options: ListenOptions): Promise<Listener> {
  const parsed = parseEndpoint(endpoint, 'bind')
  const limits = clientLimits(host.access)
  const guard = await openEndpointGuard(parsed, host.access, () => host.reportRefused())
  const { socket, tellsGone } = openRouter({
    maxMessageBytes: limits.maxMessageBytes,
    ipv6: parsed.scheme === 'tcp' && parsed.ipv6,
    guard: guard.socketOptions,
  })
  let unbind = () => {}
  try {
    if (parsed.scheme === 'ipc') unbind = await bindIpcPath(parsed.path, () => socket.bindSync(endpoint))
    else socket.bindSync(endpoint)
  } catch (thrown) {
    socket.close()
    guard.release()
    throw bindError(endpoint, thrown)
  }
  warnOfStrangers(parsed, socket.lastEndpoint ?? endpoint, guard, host.log)
  const listener = new RouterListener({ socket, tellsGone, unbind, parsed, host, guard, limits, options })
  // What goes over a lane is neither encrypted nor proven to come from the holder of a key.
  if (parsed.scheme === 'ipc' && !guard.keys) await listener.openLanes(parsed.path)
  return listener
}

interface Bound {
  readonly socket: Router
  readonly tellsGone: boolean
  /** Takes the address away from newcomers. */
  readonly unbind: () => void
  readonly parsed: ParsedEndpoint
  readonly host: SessionHost
  readonly guard: EndpointGuard
  readonly limits: ClientLimits
  readonly options: ListenOptions
}

/** One bound socket: takes messages apart by their wire, and sends the answers. */
class RouterListener implements Listener {
  readonly endpoint: string
  readonly #socket: Router
  readonly #host: SessionHost
  readonly #parsed: ParsedEndpoint
  readonly #unbind: () => void
  readonly #guard: EndpointGuard
  readonly #tellsGone: boolean
  readonly #maxClients: number
  readonly #lent = new LentFrames()
  readonly #peers: PeerTable
  readonly #robotmq: RobotmqService
  readonly #wire: WireService
  #lanes: LaneListener | undefined

  constructor({ socket, tellsGone, unbind, parsed, host, guard, limits, options }: Bound) {
    this.endpoint = socket.lastEndpoint ?? ''
    this.#socket = socket
    this.#host = host
    this.#parsed = parsed
    this.#unbind = unbind
    this.#guard = guard
    this.#tellsGone = tellsGone
    this.#maxClients = limits.maxClients
    const sameHost = parsed.scheme === 'ipc'
    this.#peers = new PeerTable(options.maxPeers, (peer, gone) => {
      this.#robotmq.onForgotten(peer, gone)
      this.#lanes?.dismiss(peer)
    })
    this.#robotmq = new RobotmqService({
      host,
      sameHost,
      peers: this.#peers,
      tellsGone,
      servesRobotmq: guard.servesRobotmq,
      limits,
      referenceHoldS: options.referenceHoldS,
      invite: (peer) => this.#lanes?.invite(peer),
    })
    this.#wire = new WireService({
      host,
      sameHost,
      maxUnreadBytes: limits.maxBytesPerClient,
      send: (peer, frames) => this.#send([peer.routingId, ...frames]),
      offer: (peer, frames) => this.#offer([peer.routingId, ...frames]),
    })
    void this.#receive()
  }

  /** Without lanes, clients of this host are merely slower. */
  async openLanes(path: string): Promise<void> {
    try {
      this.#lanes = await LaneListener.open(path, {
        onMessage: (peer, frames) => this.#wire.handle(peer, frames),
        onMalformed: () => this.#host.reportMalformed(),
      })
    } catch (thrown) {
      this.#host.log.warn(`Small messages go over ZeroMQ, a lane for them could not be opened: ${errorText(thrown)}`)
    }
  }

  /** Closes the socket before it returns; the promise tells when the address is free again. */
  async close(): Promise<void> {
    if (this.#socket.closed) return
    this.#unbind()
    this.#lanes?.close()
    const gone = this.#lent.close(this.#socket)
    this.#guard.release()
    this.#peers.clear()
    this.#robotmq.close()
    await gone
    if (this.#parsed.scheme === 'tcp') await portIsFree(this.#parsed.host, this.endpoint)
  }

  async #receive(): Promise<void> {
    let taken = 0
    while (!this.#socket.closed) {
      let message: Buffer[]
      try {
        message = await this.#socket.receive()
      } catch {
        // Closed meanwhile, or interrupted.
        await nextTurn()
        continue
      }
      if (this.#socket.closed) return
      try {
        this.#dispatch(message)
      } catch (thrown) {
        this.#host.log.error(`A message could not be handled: ${errorText(thrown)}`)
      }
      if (++taken % MESSAGES_PER_TURN === 0) await nextTurn()
    }
  }

  #dispatch(message: Buffer[]): void {
    const [routingId, first] = message
    if (routingId === undefined || first === undefined) {
      this.#host.reportMalformed()
      return
    }
    if (first.equals(GONE_MESSAGE)) this.#peers.remove(routingId)
    else if (this.#isFull(routingId, message)) this.#turnAway(routingId, message)
    else if (!hasWireMagic(first)) this.#dispatchRobotmq(this.#peers.use(routingId), message)
    else this.#wire.handle(this.#peers.use(routingId), message.slice(1))
  }

  /** Whether there is no room for who sent this. Who has gone makes room only where the socket tells of it. */
  #isFull(routingId: Buffer, message: Buffer[]): boolean {
    const peers = this.#peers
    if (!this.#tellsGone || peers.clients < this.#maxClients || peers.has(routingId.toString('latin1'))) return false
    // Another connection of one of them is no further client.
    const instance = instanceOf(message)
    return instance === undefined || !peers.knows(instance)
  }

  #turnAway(routingId: Buffer, message: Buffer[]): void {
    this.#host.reportRefused()
    const error = new RmqError(
      'NO_SPACE',
      `The server serves ${this.#maxClients} clients at this endpoint already: close some, or raise its maxClients.`,
    )
    const head = peekHead(message[1]!)
    const envelope = envelopeOf(message)
    if (hasWireMagic(message[1]!)) {
      if (head !== undefined) void this.#send([routingId, ...encodeError(head.call, this.#host.nowS(), error)])
    } else if (envelope !== undefined) {
      void this.#send([...envelope, errorFrame(topicBytes(NO_SPACE_TOPIC), error.message, this.#robotmq)])
    }
  }

  #dispatchRobotmq(peer: ConnectedPeer, message: Buffer[]): void {
    const envelope = envelopeOf(message)
    if (envelope === undefined) {
      this.#host.reportMalformed()
      return
    }
    this.#robotmq.answer(peer, message.at(-1)!).then(
      async (reply) => {
        if (!(await this.#send([...envelope, reply.frame]))) this.#robotmq.onUnsent(reply)
      },
      (thrown) => this.#host.log.debug(`A frame is not answered: ${errorText(thrown)}`),
    )
  }

  /** Takes effect at once or not at all: what the client's queue does not hold is dropped. */
  async #send(frames: Uint8Array[]): Promise<boolean> {
    const sent = await this.#offer(frames)
    if (!sent && !this.#socket.closed) this.#host.reportDropped()
    return sent
  }

  /** As `send`, for what is kept and offered again. */
  #offer(frames: Uint8Array[]): Promise<boolean> {
    if (this.#socket.closed) return NOT_TAKEN
    this.#lent.note(frames)
    return this.#socket.send(frames as Buffer[]).then(taken, notTaken)
  }
}

/** An envelope as REQ sockets make it: frames of the sender's own, an empty one, and then exactly one of robotmq's. */
function envelopeOf(message: Buffer[]): Buffer[] | undefined {
  const delimiter = message.findIndex((part, index) => index > 0 && part.byteLength === 0)
  return delimiter === -1 || delimiter !== message.length - 2 ? undefined : message.slice(0, -1)
}

/** The client that a hello tells of. */
function instanceOf(message: Buffer[]): string | undefined {
  if (envelopeOf(message) === undefined) return undefined
  try {
    const frame = decodeFrame(message.at(-1)!)
    return isClientHello(frame) ? readClientHello(frame.body)?.instance : undefined
  } catch {
    return undefined
  }
}

const NOT_TAKEN = Promise.resolve(false)
const taken = () => true
const notTaken = () => false

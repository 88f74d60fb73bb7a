import type { Buffer } from 'node:buffer'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { errorText, type Listener, type SessionHost } from '@rmq/core'
import type { Router } from 'zeromq'
import { isLoopback, type ParsedEndpoint, parseEndpoint } from '../endpoint-syntax.ts'
import { LaneListener } from '../lane/lane-listener.ts'
import { LentFrames } from '../lent-frames.ts'
import { GONE_MESSAGE, hasWireMagic } from '../wire/head.ts'
import { bindError } from '../zmq-error.ts'
import { bindIpcPath } from './ipc-path.ts'
import { type ConnectedPeer, PeerTable } from './peer-table.ts'
import { portIsFree } from './port-is-free.ts'
import { RobotmqService } from './robotmq-service.ts'
import { openRouter, ROUTER_LINGER_MS } from './router-socket.ts'
import { WireService } from './wire-service.ts'

export interface ListenOptions {
  readonly maxMessageBytes: number
  readonly maxPeers: number
  readonly maxUnreadBytes: number
  readonly referenceHoldS: number
}

/** Messages that are taken in before timers and other sockets get their turn. */
const MESSAGES_PER_TURN = 256

/** Binds an endpoint and serves both wires there. */
export async function listenOn(endpoint: string, host: SessionHost, options: ListenOptions): Promise<Listener> {
  const parsed = parseEndpoint(endpoint, 'bind')
  const { socket, tellsGone } = openRouter({
    maxMessageBytes: options.maxMessageBytes,
    ipv6: parsed.scheme === 'tcp' && parsed.ipv6,
  })
  let unbind = () => {}
  try {
    if (parsed.scheme === 'ipc') unbind = await bindIpcPath(parsed.path, () => socket.bindSync(endpoint))
    else socket.bindSync(endpoint)
  } catch (thrown) {
    socket.close()
    throw bindError(endpoint, thrown)
  }
  if (parsed.scheme === 'tcp' && !isLoopback(parsed.host)) {
    host.log.warn(
      `${socket.lastEndpoint} is reachable from the network without keys: whoever reaches it can read and write all topics.`,
    )
  }
  const listener = new RouterListener({ socket, tellsGone, unbind, parsed, host, options })
  if (parsed.scheme === 'ipc') await listener.openLanes(parsed.path)
  return listener
}

interface Bound {
  readonly socket: Router
  readonly tellsGone: boolean
  /** Takes the address away from newcomers. */
  readonly unbind: () => void
  readonly parsed: ParsedEndpoint
  readonly host: SessionHost
  readonly options: ListenOptions
}

/** One bound socket: takes messages apart by their wire, and sends the answers. */
class RouterListener implements Listener {
  readonly endpoint: string
  readonly #socket: Router
  readonly #host: SessionHost
  readonly #parsed: ParsedEndpoint
  readonly #unbind: () => void
  readonly #lent = new LentFrames()
  readonly #peers: PeerTable
  readonly #robotmq: RobotmqService
  readonly #wire: WireService
  #lanes: LaneListener | undefined

  constructor({ socket, tellsGone, unbind, parsed, host, options }: Bound) {
    this.endpoint = socket.lastEndpoint ?? ''
    this.#socket = socket
    this.#host = host
    this.#parsed = parsed
    this.#unbind = unbind
    const sameHost = parsed.scheme === 'ipc'
    this.#peers = new PeerTable(options.maxPeers, (peer, gone) => {
      this.#robotmq.onForgotten(peer, gone)
      this.#lanes?.dismiss(peer)
    })
    const { maxMessageBytes, referenceHoldS } = options
    this.#robotmq = new RobotmqService({
      host,
      sameHost,
      peers: this.#peers,
      tellsGone,
      maxMessageBytes,
      referenceHoldS,
      invite: (peer) => this.#lanes?.invite(peer),
    })
    this.#wire = new WireService({
      host,
      sameHost,
      maxUnreadBytes: options.maxUnreadBytes,
      send: (peer, frames) => this.#send([peer.routingId, ...frames]),
    })
    void this.#receive()
  }

  /** Without lanes, clients of this host are merely slower. */
  async openLanes(path: string): Promise<void> {
    try {
      this.#lanes = await LaneListener.open(path, {
        onMessage: (peer, frames, reply) => this.#wire.handle(peer, frames, reply),
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
    this.#socket.close()
    this.#peers.clear()
    this.#robotmq.close()
    await this.#lent.returned(ROUTER_LINGER_MS)
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
    if (!hasWireMagic(first)) this.#dispatchRobotmq(this.#peers.use(routingId), message)
    else if (first.equals(GONE_MESSAGE)) this.#peers.remove(routingId)
    else this.#wire.handle(this.#peers.use(routingId), message.slice(1))
  }

  /** An envelope as REQ sockets make it: frames of the sender's own, an empty one, and exactly one frame of robotmq's. */
  #dispatchRobotmq(peer: ConnectedPeer, message: Buffer[]): void {
    const frame = message.at(-1)!
    const delimiter = message.findIndex((part, index) => index > 0 && part.byteLength === 0)
    if (delimiter === -1 || delimiter !== message.length - 2) {
      this.#host.reportMalformed()
      return
    }
    const envelope = message.slice(0, -1)
    this.#robotmq.answer(peer, frame).then(
      async (reply) => {
        if (!(await this.#send([...envelope, reply.frame]))) this.#robotmq.onUnsent(reply)
      },
      (thrown) => this.#host.log.debug(`A frame is not answered: ${errorText(thrown)}`),
    )
  }

  /** Takes effect at once or not at all: what the client's queue does not hold is dropped. */
  #send(frames: Uint8Array[]): Promise<boolean> {
    if (this.#socket.closed) return DROPPED
    this.#lent.note(frames)
    return this.#socket.send(frames as Buffer[]).then(sent, () => {
      this.#host.reportDropped()
      return false
    })
  }
}

const DROPPED = Promise.resolve(false)
const sent = () => true

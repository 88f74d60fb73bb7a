import type { Buffer } from 'node:buffer'
import type { Session } from '@rmq/core'
import type { LaneReply } from '../lane/lane-listener.ts'
import { UnreadReplies } from './unread-replies.ts'
import { WireFeeds } from './wire-feeds.ts'

/** A client has at most one connection of each kind. */
export type ConnectionKind = 'main' | 'bulk'

/** One connection, named by the routing id that the socket gave it. */
export interface ConnectedPeer {
  readonly key: string
  readonly routingId: Buffer
  /** Opened with the first command that needs one, and again by the hello that tells the client's name. */
  readonly sessions: Session[]
  /** Whether the hello has come. */
  named: boolean
  /** The client that it belongs to, where the hello told. */
  client: ClientConnections | undefined
  /** Our wire's replies. */
  readonly unread: UnreadReplies
  /** Takes back calls that are not answered yet, by their numbers. */
  readonly cancels: Map<number, () => void>
  readonly feeds: WireFeeds
  /** Takes the small answers, once the client has opened it. */
  lane: LaneReply | undefined
}

interface ClientConnections {
  /** Known to this client alone. */
  readonly instance: string
  readonly peers: Map<ConnectionKind, ConnectedPeer>
}

/**
 * The connections of one socket. The one that was silent longest is forgotten when there are too many: a socket that
 * cannot tell who has gone would else remember all that ever came.
 */
export class PeerTable {
  readonly #maxPeers: number
  readonly #onForget: (peer: ConnectedPeer, gone: boolean) => void
  /** In the order of last use. */
  readonly #peers = new Map<string, ConnectedPeer>()
  readonly #clients = new Map<string, ClientConnections>()
  /** Those with both of their connections. */
  #pairs = 0

  /** @param onForget told with `gone` false where the connection may still be there */
  constructor(maxPeers: number, onForget: (peer: ConnectedPeer, gone: boolean) => void) {
    this.#maxPeers = maxPeers
    this.#onForget = onForget
  }

  /** How many clients are connected, whether by one connection or two. */
  get clients(): number {
    return this.#peers.size - this.#pairs
  }

  /** Whether the client is connected. */
  knows(instance: string): boolean {
    return this.#clients.has(instance)
  }

  has(key: string): boolean {
    return this.#peers.has(key)
  }

  /** The peer with this routing id, now the one used last. */
  use(routingId: Buffer): ConnectedPeer {
    const key = routingId.toString('latin1')
    let peer = this.#peers.get(key)
    if (peer !== undefined) this.#peers.delete(key)
    else {
      peer = {
        key,
        routingId,
        sessions: [],
        named: false,
        client: undefined,
        unread: new UnreadReplies(),
        cancels: new Map(),
        feeds: new WireFeeds(),
        lane: undefined,
      }
    }
    this.#peers.set(key, peer)
    if (this.#peers.size > this.#maxPeers) this.#forget(this.#peers.values().next().value!, false)
    return peer
  }

  /** The peer is a client's connection. An earlier one of the same kind has been given up, and is forgotten. */
  claim(peer: ConnectedPeer, instance: string, kind: ConnectionKind): void {
    const earlier = this.#clients.get(instance)?.peers.get(kind)
    if (earlier !== undefined) this.#forget(earlier, false)
    const client = this.#clients.get(instance) ?? { instance, peers: new Map() }
    this.#clients.set(instance, client)
    client.peers.set(kind, peer)
    peer.client = client
    if (client.peers.size === 2) this.#pairs += 1
  }

  /** The connection has ended. */
  remove(routingId: Buffer): void {
    const peer = this.#peers.get(routingId.toString('latin1'))
    if (peer !== undefined) this.#forget(peer, true)
  }

  clear(): void {
    for (const peer of [...this.#peers.values()]) this.#forget(peer, true)
  }

  #forget(peer: ConnectedPeer, gone: boolean): void {
    this.#peers.delete(peer.key)
    this.#disclaim(peer)
    this.#onForget(peer, gone)
    for (const session of peer.sessions) session.close()
  }

  #disclaim(peer: ConnectedPeer): void {
    const { client } = peer
    if (client === undefined) return
    peer.client = undefined
    if (client.peers.size === 2) this.#pairs -= 1
    for (const [kind, own] of client.peers) if (own === peer) client.peers.delete(kind)
    if (client.peers.size === 0) this.#clients.delete(client.instance)
  }
}

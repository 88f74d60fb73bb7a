import type { Buffer } from 'node:buffer'
import type { Session } from '@rmq/core'
import type { LaneReply } from '../lane/lane-listener.ts'
import { UnreadReplies } from './unread-replies.ts'
import { WireFeeds } from './wire-feeds.ts'

/** One connection, named by the routing id that the socket gave it. */
export interface ConnectedPeer {
  readonly key: string
  readonly routingId: Buffer
  /** Opened with the first command that needs one, and again by the hello that tells the client's name. */
  readonly sessions: Session[]
  /** Whether the hello has come. */
  named: boolean
  /** Our wire's replies. */
  readonly unread: UnreadReplies
  /** Takes back calls that are not answered yet, by their numbers. */
  readonly cancels: Map<number, () => void>
  readonly feeds: WireFeeds
  /** Takes the small answers, once the client has opened it. */
  lane: LaneReply | undefined
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

  /** @param onForget told with `gone` false where the connection may still be there */
  constructor(maxPeers: number, onForget: (peer: ConnectedPeer, gone: boolean) => void) {
    this.#maxPeers = maxPeers
    this.#onForget = onForget
  }

  get size(): number {
    return this.#peers.size
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
    this.#onForget(peer, gone)
    for (const session of peer.sessions) session.close()
  }
}

import type { Buffer } from 'node:buffer'
import { type Reply, RmqError, type Session, type SessionHost } from '@rmq/core'
import type { LaneReply } from '../lane/lane-listener.ts'
import { decodeCall } from '../wire/call-codec.ts'
import { encodeError, encodeNotSpoken } from '../wire/error-codec.ts'
import { decodeHead, MessageKind, peekHead, WIRE_VERSION } from '../wire/head.ts'
import { encodeReply } from '../wire/reply-codec.ts'
import type { ConnectedPeer } from './peer-table.ts'

export interface WireServiceOptions {
  readonly host: SessionHost
  readonly sameHost: boolean
  /** Bytes of replies that one client may leave unread. */
  readonly maxUnreadBytes: number
  /** @returns false where the client's queue does not take the frames */
  readonly send: (peer: ConnectedPeer, frames: Uint8Array[]) => Promise<boolean>
}

/** Answers the messages of our wire. */
export class WireService {
  readonly #options: WireServiceOptions

  constructor(options: WireServiceOptions) {
    this.#options = options
  }

  /** @param lane where the message came down a lane: small answers go back there */
  handle(peer: ConnectedPeer, frames: readonly Buffer[], lane?: LaneReply): void {
    const { host } = this.#options
    const head = peekHead(frames[0]!)
    if (head === undefined) {
      host.reportMalformed()
      return
    }
    const { call, version, kind } = head
    if (version !== WIRE_VERSION || kind !== MessageKind.CALL) {
      host.reportMalformed()
      // An answer to an answer could go on for ever.
      if (kind !== MessageKind.REPLY && kind !== MessageKind.ERROR) {
        this.#send(peer, encodeNotSpoken(call, host.nowS(), version, kind), lane)
      }
      return
    }
    this.#execute(peer, frames).then(
      (reply) => this.#reply(peer, call, reply, lane),
      (thrown) => {
        if (RmqError.isInstance(thrown) && thrown.code === 'MALFORMED_MESSAGE') host.reportMalformed()
        this.#send(peer, encodeError(call, host.nowS(), thrown), lane)
      },
    )
  }

  #execute(peer: ConnectedPeer, frames: readonly Buffer[]): Promise<Reply> {
    try {
      const head = decodeHead(frames[0]!)
      peer.unread.confirm(head.received)
      return this.#sessionOf(peer).execute(decodeCall(head, frames.slice(1)))
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  #reply(peer: ConnectedPeer, call: number, reply: Reply, lane: LaneReply | undefined): void {
    const { host, maxUnreadBytes } = this.#options
    const frames = encodeReply(call, host.nowS(), reply)
    if (lane?.(frames)) return
    const unreadBytes = peer.unread.bytes
    if (unreadBytes === 0 || unreadBytes + bytesOf(frames) <= maxUnreadBytes) {
      this.#send(peer, frames)
      return
    }
    const text = `${unreadBytes} bytes of replies to this client are under way or unread: ask for less at a time.`
    this.#send(peer, encodeError(call, host.nowS(), new RmqError('NO_SPACE', text)))
  }

  #send(peer: ConnectedPeer, frames: Uint8Array[], lane?: LaneReply): void {
    if (lane?.(frames)) return
    const number = peer.unread.add(bytesOf(frames))
    void this.#options.send(peer, frames).then((sent) => sent || peer.unread.remove(number))
  }

  #sessionOf(peer: ConnectedPeer): Session {
    const { host, sameHost } = this.#options
    if (peer.sessions.length === 0) peer.sessions.push(host.open({ client: 'unnamed', sameHost }))
    return peer.sessions.at(-1)!
  }
}

function bytesOf(frames: readonly Uint8Array[]): number {
  let bytes = 0
  for (const frame of frames) bytes += frame.byteLength
  return bytes
}

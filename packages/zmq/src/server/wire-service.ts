import type { Buffer } from 'node:buffer'
import { Cancellation, type Reply, RmqError, type Session, type SessionHost } from '@rmq/core'
import { decodeCall } from '../wire/call-codec.ts'
import { encodeError, encodeNotSpoken } from '../wire/error-codec.ts'
import { decodeCredit, decodeSubscribe, isSubscribe } from '../wire/feed-codec.ts'
import { decodeHead, type Head, MessageKind, peekHead, WIRE_VERSION } from '../wire/head.ts'
import { decodeJson } from '../wire/json.ts'
import { encodePong } from '../wire/ping-codec.ts'
import { encodeReply } from '../wire/reply-codec.ts'
import type { ConnectedPeer } from './peer-table.ts'

export interface WireServiceOptions {
  readonly host: SessionHost
  readonly sameHost: boolean
  /** Bytes of replies that one client may leave unread. */
  readonly maxUnreadBytes: number
  /** @returns false where the client's queue does not take the frames: they are dropped */
  readonly send: (peer: ConnectedPeer, frames: Uint8Array[]) => Promise<boolean>
  /** The same for frames that will be offered again. */
  readonly offer: (peer: ConnectedPeer, frames: Uint8Array[]) => Promise<boolean>
}

/** Answers the messages of our wire. */
export class WireService {
  readonly #options: WireServiceOptions

  constructor(options: WireServiceOptions) {
    this.#options = options
  }

  handle(peer: ConnectedPeer, frames: readonly Buffer[]): void {
    const { host } = this.#options
    const head = peekHead(frames[0]!)
    if (head === undefined) {
      host.reportMalformed()
      return
    }
    const { call, version, kind } = head
    if (version !== WIRE_VERSION || !CLIENT_KINDS.has(kind)) {
      host.reportMalformed()
      // An answer to an answer could go on for ever.
      if (!SERVER_KINDS.has(kind)) this.#send(peer, encodeNotSpoken(call, host.nowS(), version, kind))
      return
    }
    try {
      this.#obey(peer, decodeHead(frames[0]!), frames.slice(1))
    } catch (thrown) {
      this.#fail(peer, call, thrown)
    }
  }

  #obey(peer: ConnectedPeer, head: Head, payloadFrames: readonly Buffer[]): void {
    const { host } = this.#options
    switch (head.kind) {
      case MessageKind.CALL:
        this.#call(peer, head, payloadFrames)
        return
      case MessageKind.CANCEL:
        peer.cancels.get(head.call)?.()
        peer.feeds.cancel(head.call)
        return
      case MessageKind.CREDIT:
        peer.feeds.grant(head.call, decodeCredit(head))
        return
      case MessageKind.PING: {
        const inS = host.nowS()
        const pong = encodePong(head.call, { inS, outS: host.nowS(), zeroS: host.zeroS })
        if (!peer.lane?.send(pong)) void this.#options.offer(peer, pong)
        return
      }
    }
  }

  #call(peer: ConnectedPeer, head: Head, payloadFrames: readonly Buffer[]): void {
    const { host, offer } = this.#options
    const { call } = head
    peer.unread.confirm(head.received)
    const meta = decodeJson(head.meta)
    if (isSubscribe(meta)) {
      const send = (frames: Uint8Array[]) => offer(peer, frames)
      const ways = { send, lane: peer.lane, nowS: () => host.nowS() }
      peer.feeds.begin(call, decodeSubscribe(meta), this.#sessionOf(peer), ways)
      return
    }
    const cancellation = new Cancellation()
    peer.cancels.set(call, () => cancellation.cancel('cancelled'))
    const command = decodeCall(head, meta, payloadFrames)
    this.#sessionOf(peer)
      .execute(command, cancellation)
      .then(
        (reply) => {
          peer.cancels.delete(call)
          this.#reply(peer, call, reply)
        },
        (thrown) => {
          peer.cancels.delete(call)
          if (!cancellation.aborted) this.#fail(peer, call, thrown)
        },
      )
  }

  #fail(peer: ConnectedPeer, call: number, thrown: unknown): void {
    const { host } = this.#options
    peer.cancels.delete(call)
    if (RmqError.isInstance(thrown) && thrown.code === 'MALFORMED_MESSAGE') host.reportMalformed()
    this.#send(peer, encodeError(call, host.nowS(), thrown))
  }

  #reply(peer: ConnectedPeer, call: number, reply: Reply): void {
    const { host, maxUnreadBytes } = this.#options
    const frames = encodeReply(call, host.nowS(), reply)
    if (peer.lane?.send(frames)) return
    const unreadBytes = peer.unread.bytes
    if (unreadBytes === 0 || unreadBytes + bytesOf(frames) <= maxUnreadBytes) {
      this.#sendOverZeromq(peer, frames)
      return
    }
    const text = `${unreadBytes} bytes of replies to this client are under way or unread: ask for less at a time.`
    this.#send(peer, encodeError(call, host.nowS(), new RmqError('NO_SPACE', text)))
  }

  #send(peer: ConnectedPeer, frames: Uint8Array[]): void {
    if (!peer.lane?.send(frames)) this.#sendOverZeromq(peer, frames)
  }

  #sendOverZeromq(peer: ConnectedPeer, frames: Uint8Array[]): void {
    const number = peer.unread.add(bytesOf(frames))
    void this.#options.send(peer, frames).then((sent) => sent || peer.unread.remove(number))
  }

  #sessionOf(peer: ConnectedPeer): Session {
    const { host, sameHost } = this.#options
    if (peer.sessions.length === 0) peer.sessions.push(host.open({ client: 'unnamed', sameHost }))
    return peer.sessions.at(-1)!
  }
}

const CLIENT_KINDS: ReadonlySet<number> = new Set([
  MessageKind.CALL,
  MessageKind.CANCEL,
  MessageKind.CREDIT,
  MessageKind.PING,
])
const SERVER_KINDS: ReadonlySet<number> = new Set([
  MessageKind.REPLY,
  MessageKind.ERROR,
  MessageKind.PUSH,
  MessageKind.PONG,
])

function bytesOf(frames: readonly Uint8Array[]): number {
  let bytes = 0
  for (const frame of frames) bytes += frame.byteLength
  return bytes
}

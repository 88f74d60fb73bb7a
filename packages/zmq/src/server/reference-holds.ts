import { timerMs } from '@rmq/core'
import type { RobotmqReply } from './robotmq-reply.ts'

/** A reply that outlives its connection: the client may ask for it again from the next one. */
export interface Resendable {
  /** Whether a resend would still be answered with it. */
  readonly awaited: () => boolean
  /** The reply no longer refers: it holds the records' bytes. */
  readonly onInline: () => void
}

interface Hold {
  readonly peers: Set<string>
  readonly resendable: Resendable | undefined
  readonly timer: ReturnType<typeof setTimeout>
}

/**
 * Keeps records in place that clients were told by reference. A robotmq client copies all records of a reply before it
 * sends anything else, so its next message ends the hold. So does the end of its connection, and a deadline, since a
 * client that is silent may also be stopped, or idle for an hour: a topic has few leases and little memory to spare.
 *
 * A POP is another matter. Its records are gone from the topic, and a resend must get them: it comes from a new
 * connection, mostly right after the end of the old one, but at any time within the resend window, which is far longer
 * than leases can be kept. So the end of the connection does not end the hold, and at the deadline the bytes are copied
 * into the remembered reply before their memory is given back. Only clients that are silent for long after a POP cost
 * that copy; clients that go on cost none.
 */
export class ReferenceHolds {
  readonly #holdMs: number
  readonly #holds = new Map<RobotmqReply, Hold>()
  readonly #byPeer = new Map<string, Set<RobotmqReply>>()
  #closed = false

  constructor(holdS: number) {
    this.#holdMs = timerMs(holdS)
  }

  /** The reply is about to be sent to the peer. */
  keep(peer: string, reply: RobotmqReply, resendable?: Resendable): void {
    if (this.#closed) reply.release()
    if (!reply.refers) return
    const hold = this.#holds.get(reply) ?? this.#begin(reply, resendable)
    hold.timer.refresh()
    hold.peers.add(peer)
    const replies = this.#byPeer.get(peer)
    if (replies === undefined) this.#byPeer.set(peer, new Set([reply]))
    else replies.add(reply)
  }

  /** The peer sent something: it has copied what it was told before. */
  onMessage(peer: string): void {
    for (const reply of this.#byPeer.get(peer) ?? []) this.#end(reply)
  }

  /** The peer's connection has ended. */
  onGone(peer: string): void {
    for (const reply of this.#byPeer.get(peer) ?? []) this.onUnsent(reply)
  }

  /** The reply did not reach its peer. */
  onUnsent(reply: RobotmqReply): void {
    if (!this.#holds.get(reply)?.resendable?.awaited()) this.#end(reply)
  }

  close(): void {
    this.#closed = true
    for (const reply of this.#holds.keys()) this.#end(reply)
  }

  #begin(reply: RobotmqReply, resendable: Resendable | undefined): Hold {
    const timer = setTimeout(() => this.#expire(reply), this.#holdMs).unref()
    const hold = { peers: new Set<string>(), resendable, timer }
    this.#holds.set(reply, hold)
    return hold
  }

  #expire(reply: RobotmqReply): void {
    const resendable = this.#holds.get(reply)?.resendable
    if (resendable?.awaited()) {
      reply.makeInline()
      resendable.onInline()
    }
    this.#end(reply)
  }

  #end(reply: RobotmqReply): void {
    const hold = this.#holds.get(reply)
    if (hold === undefined) return
    this.#holds.delete(reply)
    clearTimeout(hold.timer)
    for (const peer of hold.peers) {
      const replies = this.#byPeer.get(peer)
      replies?.delete(reply)
      if (replies?.size === 0) this.#byPeer.delete(peer)
    }
    reply.release()
  }
}

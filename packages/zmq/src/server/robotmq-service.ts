import { type ClientLimits, RmqError, type Session, type SessionHost } from '@rmq/core'
import type { LaneInvitation } from '../lane/lane-codec.ts'
import { UNAUTHORIZED_TOPIC } from '../robotmq/error-text.ts'
import { decodeFrame, encodeFrame, RobotmqCommand, type RobotmqFrame, topicBytes } from '../robotmq/frame.ts'
import { encodeServerHello, isClientHello, readClientHello } from '../robotmq/hello.ts'
import { WIRE_VERSION } from '../wire/head.ts'
import type { ConnectedPeer, PeerTable } from './peer-table.ts'
import { ReferenceHolds } from './reference-holds.ts'
import { type ResendCandidate, ResendWindow } from './resend-window.ts'
import { answerFrame } from './robotmq-answer.ts'
import { errorFrame, errorReply, invalidRequest, type RobotmqAnswering } from './robotmq-error.ts'
import { RobotmqReply } from './robotmq-reply.ts'

export interface RobotmqServiceOptions {
  readonly host: SessionHost
  readonly sameHost: boolean
  readonly peers: PeerTable
  /** Whether the socket tells who has gone. */
  readonly tellsGone: boolean
  /** Whether clients of the original are served, or only the hello of ours. */
  readonly servesRobotmq: boolean
  readonly limits: ClientLimits
  /** How long records stay in place that a silent client was told by reference. */
  readonly referenceHoldS: number
  /** Where the peer may open a lane; undefined for none. */
  readonly invite: (peer: ConnectedPeer) => LaneInvitation | undefined
}

/** Robotmq's frames do not tell who sent them. */
const CLIENT_NAME = 'robotmq'
/** How long after its client a running request waits for the client's next connection. */
const RESEND_GRACE_MS = 500
/** No robotmq client resends sooner. */
const LEAST_RESEND_S = 0.1
/** How long the end of the earlier connection is waited for. */
const GONE_WAIT_MS = 250

interface RobotmqExecution {
  readonly reply: Promise<RobotmqReply>
  readonly session: Session
  /** Of the frame. */
  readonly bytes: number
  /** The connections that wait for the reply. */
  readonly waiting: Set<string>
}

/** Answers robotmq's frames, each that changes something at most once. */
export class RobotmqService implements RobotmqAnswering {
  readonly #options: RobotmqServiceOptions
  readonly #window = new ResendWindow<RobotmqExecution>({ nowS: () => performance.now() / 1000 })
  readonly #running = new Set<RobotmqExecution>()
  readonly #goneWaiters = new Set<() => void>()
  readonly #holds: ReferenceHolds
  readonly byReference: boolean

  constructor(options: RobotmqServiceOptions) {
    this.#options = options
    this.#holds = new ReferenceHolds(options.referenceHoldS)
    this.byReference = options.sameHost
  }

  readonly nowS = (): number => this.#options.host.nowS()

  readonly onMalformed = (): void => this.#options.host.reportMalformed()

  /** What answers a peer's frame. Rejects only where the server is being closed. */
  async answer(peer: ConnectedPeer, frame: Uint8Array): Promise<RobotmqReply> {
    this.#window.moveOn(peer.key)
    this.#holds.onMessage(peer.key)
    let parts: RobotmqFrame
    try {
      parts = decodeFrame(frame)
    } catch (thrown) {
      return invalidRequest(thrown, this)
    }
    if (isClientHello(parts)) return this.#welcome(peer, parts)
    if (!this.#options.servesRobotmq) return this.#turnAway()
    switch (parts.command) {
      case RobotmqCommand.POP:
      case RobotmqCommand.PUT:
      case RobotmqCommand.REQUEST:
        return this.#answerOnce(peer, frame, parts)
    }
    const reply = await answerFrame(this.#sessionOf(peer), parts, this)
    this.#holds.keep(peer.key, reply)
    return reply
  }

  /** A reply did not leave. */
  onUnsent(reply: RobotmqReply): void {
    this.#holds.onUnsent(reply)
  }

  /** A connection has ended, or was forgotten while it may still be there. */
  onForgotten(peer: ConnectedPeer, gone: boolean): void {
    if (gone) this.#holds.onGone(peer.key)
    for (const wake of this.#goneWaiters) wake()
    for (const execution of this.#running) {
      if (!execution.waiting.delete(peer.key) || execution.waiting.size > 0) continue
      setTimeout(() => {
        if (execution.waiting.size === 0) execution.session.close()
      }, RESEND_GRACE_MS).unref()
    }
  }

  close(): void {
    for (const { session } of this.#running) session.close()
    this.#running.clear()
    this.#holds.close()
  }

  async #answerOnce(peer: ConnectedPeer, frame: Uint8Array, parts: RobotmqFrame): Promise<RobotmqReply> {
    if (!this.#hasRoom(peer, frame.byteLength)) return this.#tooMuch(parts)
    const execution = await this.#executeOnce(peer, frame, parts)
    const reply = await execution.reply
    this.#holds.keep(peer.key, reply, {
      awaited: () => this.#window.remembers(execution),
      onInline: () => this.#window.resize(execution, reply.byteLength),
    })
    return reply
  }

  async #executeOnce(peer: ConnectedPeer, frame: Uint8Array, parts: RobotmqFrame): Promise<RobotmqExecution> {
    const candidate = this.#window.find(peer.key, frame, parts)
    if (candidate !== undefined && (await this.#isResend(candidate))) {
      candidate.execution.waiting.add(peer.key)
      this.#window.attach(peer.key, candidate)
      return candidate.execution
    }
    const execution = this.#execute(peer, parts, frame.byteLength)
    this.#window.add(peer.key, frame, parts, execution)
    return execution
  }

  /** One client must not take what all of them share. */
  #hasRoom(peer: ConnectedPeer, bytes: number): boolean {
    const { maxRequestsPerClient, maxBytesPerClient } = this.#options.limits
    let count = 0
    let total = bytes
    for (const execution of this.#running) {
      if (!execution.waiting.has(peer.key)) continue
      count += 1
      total += execution.bytes
    }
    return count < maxRequestsPerClient && (count === 0 || total <= maxBytesPerClient)
  }

  #tooMuch(parts: RobotmqFrame): RobotmqReply {
    this.#options.host.reportRefused()
    return errorReply(parts.topic, new RmqError('NO_SPACE', 'Too much of this client waits for an answer.'), this)
  }

  /** In the words of the original, as far as they go: its client raises what it is told. */
  #turnAway(): RobotmqReply {
    this.#options.host.reportRefused()
    const text = 'This server serves no clients of the original robotmq at this endpoint (robotmqClients).'
    return new RobotmqReply(errorFrame(topicBytes(UNAUTHORIZED_TOPIC), text, this))
  }

  /** Each on a session of its own, which outlives the connection where a resend takes over. */
  #execute(peer: ConnectedPeer, parts: RobotmqFrame, bytes: number): RobotmqExecution {
    const session = this.#open(CLIENT_NAME)
    const reply = answerFrame(session, parts, this)
    const execution: RobotmqExecution = { reply, session, bytes, waiting: new Set([peer.key]) }
    this.#running.add(execution)
    reply.then(() => {
      this.#running.delete(execution)
      session.close()
    })
    return execution
  }

  /**
   * Two clients may happen to send the same bytes, counted microseconds included. A resend comes from a client that
   * gave its earlier connection up.
   */
  async #isResend(candidate: ResendCandidate<RobotmqExecution>): Promise<boolean> {
    const { peers, tellsGone } = this.#options
    const abandoned = () => [...candidate.peers].every((key) => !peers.has(key))
    if (!tellsGone || abandoned() || performance.now() / 1000 - candidate.arrivedS >= LEAST_RESEND_S) return true
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#goneWaiters.delete(wake)
        clearTimeout(timer)
        resolve()
      }
      // The peer is still in the table while its end is told.
      const wake = () => queueMicrotask(() => abandoned() && done())
      const timer = setTimeout(done, GONE_WAIT_MS)
      this.#goneWaiters.add(wake)
    })
    return abandoned()
  }

  #welcome(peer: ConnectedPeer, parts: RobotmqFrame): RobotmqReply {
    const { host, invite, peers } = this.#options
    const { maxMessageBytes } = this.#options.limits
    const lane = invite(peer)
    if (!peer.named) {
      peer.named = true
      const { client, instance, bulk = false } = readClientHello(parts.body) ?? { client: 'unnamed' }
      // Calls that came before the hello go on in their own session.
      peer.sessions.push(this.#open(client))
      if (instance !== undefined) peers.claim(peer, instance, bulk ? 'bulk' : 'main')
    }
    const { server, serverName } = host
    const body = encodeServerHello({
      versions: [WIRE_VERSION],
      server,
      serverName,
      maxMessageBytes,
      zeroS: host.zeroS,
      ...(lane !== undefined && { lane }),
    })
    return new RobotmqReply(encodeFrame({ ...parts, timestampS: host.nowS(), body }))
  }

  #sessionOf(peer: ConnectedPeer): Session {
    if (peer.sessions.length === 0) peer.sessions.push(this.#open(CLIENT_NAME))
    return peer.sessions.at(-1)!
  }

  #open(client: string): Session {
    return this.#options.host.open({ client, sameHost: this.#options.sameHost })
  }
}

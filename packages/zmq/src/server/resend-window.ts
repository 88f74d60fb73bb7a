import { Buffer } from 'node:buffer'
import type { RobotmqFrame } from '../robotmq/frame.ts'

export interface ResendWindowOptions {
  /** Seconds on a steady clock. */
  readonly nowS: () => number
  /** How long an answered frame is remembered. @default 60 */
  readonly keepS?: number
  /** Frames remembered; the one that was answered longest ago is forgotten first. @default 4096 */
  readonly maxEntries?: number
  /** Bytes of frames and replies remembered, together. @default 128 MiB */
  readonly maxBytes?: number
}

/** A frame that took effect, or is about to. */
export interface Execution {
  /** The answer, as many bytes as it keeps in memory. */
  readonly reply: Promise<{ readonly byteLength: number }>
}

/** A frame that may be the resend of an earlier one. */
export interface ResendCandidate<E extends Execution> {
  readonly execution: E
  /** Who sent it before. */
  readonly peers: ReadonlySet<string>
  /** When it arrived first. */
  readonly arrivedS: number
}

interface Entry<E extends Execution> extends ResendCandidate<E> {
  readonly fingerprint: string
  readonly frame: Uint8Array
  readonly peers: Set<string>
  /** Infinity while it runs. */
  answeredS: number
  replyBytes: number
}

/**
 * Recognises the resends of robotmq's clients: after a timeout they send the same bytes again, from a new connection.
 * A client has one frame under way at a time, so only the last frame of each peer is remembered: the next one proves
 * that the earlier reply arrived.
 */
export class ResendWindow<E extends Execution> {
  readonly #options: Required<ResendWindowOptions>
  readonly #byFingerprint = new Map<string, Set<Entry<E>>>()
  readonly #byPeer = new Map<string, Entry<E>>()
  readonly #byExecution = new Map<E, Entry<E>>()
  /** Answered entries, in the order of their answers. */
  readonly #answered = new Set<Entry<E>>()
  #bytes = 0

  constructor(options: ResendWindowOptions) {
    this.#options = { keepS: 60, maxEntries: 4096, maxBytes: 128 * 2 ** 20, ...options }
  }

  get size(): number {
    return this.#byExecution.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** An earlier frame of another peer with the same bytes. */
  find(peer: string, frame: Uint8Array, parts: RobotmqFrame): ResendCandidate<E> | undefined {
    this.#forgetOld()
    for (const entry of this.#byFingerprint.get(fingerprintOf(frame, parts)) ?? []) {
      if (!entry.peers.has(peer) && Buffer.compare(entry.frame, frame) === 0) return entry
    }
    return undefined
  }

  /** Remembers a frame that is being executed. */
  add(peer: string, frame: Uint8Array, parts: RobotmqFrame, execution: E): void {
    const entry: Entry<E> = {
      fingerprint: fingerprintOf(frame, parts),
      frame,
      execution,
      peers: new Set([peer]),
      arrivedS: this.#options.nowS(),
      answeredS: Number.POSITIVE_INFINITY,
      replyBytes: 0,
    }
    const sameFingerprint = this.#byFingerprint.get(entry.fingerprint)
    if (sameFingerprint === undefined) this.#byFingerprint.set(entry.fingerprint, new Set([entry]))
    else sameFingerprint.add(entry)
    this.#byPeer.set(peer, entry)
    this.#byExecution.set(execution, entry)
    this.#bytes += frame.byteLength
    execution.reply.then(
      (reply) => this.#onAnswered(entry, reply.byteLength),
      () => this.#onAnswered(entry, 0),
    )
  }

  /** Whether a resend of the executed frame would still be recognised. */
  remembers(execution: E): boolean {
    return this.#byExecution.has(execution)
  }

  /** Another connection of the same client waits for the same reply. */
  attach(peer: string, { execution }: ResendCandidate<E>): void {
    const entry = this.#byExecution.get(execution)
    if (entry === undefined) return
    entry.peers.add(peer)
    this.#byPeer.set(peer, entry)
  }

  /** The answer now keeps another number of bytes in memory. */
  resize(execution: E, replyBytes: number): void {
    const entry = this.#byExecution.get(execution)
    if (entry === undefined) return
    this.#bytes += replyBytes - entry.replyBytes
    entry.replyBytes = replyBytes
    this.#forgetOld()
  }

  /** The peer sent something else: the reply to its last frame has arrived. */
  moveOn(peer: string): void {
    const entry = this.#byPeer.get(peer)
    if (entry !== undefined) this.#forget(entry)
  }

  #onAnswered(entry: Entry<E>, replyBytes: number): void {
    if (!this.#byExecution.has(entry.execution)) return
    entry.answeredS = this.#options.nowS()
    this.#answered.add(entry)
    this.resize(entry.execution, replyBytes)
  }

  #forgetOld(): void {
    const { nowS, keepS, maxEntries, maxBytes } = this.#options
    const horizonS = nowS() - keepS
    for (const entry of this.#answered) {
      if (entry.answeredS > horizonS && this.size <= maxEntries && this.#bytes <= maxBytes) break
      this.#forget(entry)
    }
  }

  #forget(entry: Entry<E>): void {
    if (!this.#byExecution.delete(entry.execution)) return
    const sameFingerprint = this.#byFingerprint.get(entry.fingerprint)
    sameFingerprint?.delete(entry)
    if (sameFingerprint?.size === 0) this.#byFingerprint.delete(entry.fingerprint)
    for (const peer of entry.peers) if (this.#byPeer.get(peer) === entry) this.#byPeer.delete(peer)
    this.#answered.delete(entry)
    this.#bytes -= entry.frame.byteLength + entry.replyBytes
  }
}

/** Cheap to make and nearly unique: the timestamp counts microseconds. */
function fingerprintOf(frame: Uint8Array, { command, timestampS, topic }: RobotmqFrame): string {
  return `${command} ${frame.byteLength} ${timestampS} ${Buffer.from(topic.buffer, topic.byteOffset, topic.byteLength).toString('latin1')}`
}

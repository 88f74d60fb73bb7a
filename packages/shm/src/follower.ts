import {
  type Followed,
  type FollowerCounts,
  type RecordCursor,
  type RecordLease,
  RmqError,
  type TopicFollower,
} from '@rmq/core'
import { INFO, type NativeFollower } from './native/addon-types.ts'
import { ringError } from './native-error.ts'
import type { OpenSegment } from './open-segment.ts'
import { Lease } from './record-lease.ts'
import { Status } from './status.ts'

export type FollowStart = 'latest' | 'new' | 'oldest' | number

const MAX_SPIN_US = 200

/** A cursor over a segment that accounts for every record. */
export class SegmentFollower implements TopicFollower, RecordCursor {
  readonly #open: OpenSegment
  readonly #native: NativeFollower
  #closed: RmqError | undefined
  /** When the last three records were put, oldest first: tells whether a short spin will see the next one. */
  #times: [number, number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]

  constructor(open: OpenSegment, from: FollowStart) {
    this.#open = open
    this.#native = open.native.follow(firstOf(open, from))
  }

  next(): Followed | undefined {
    this.#requireOpen()
    const bytes = this.#native.next()
    if (typeof bytes === 'number') return this.#nothing(bytes)
    return this.#received(this.#open.toldRecord(new Uint8Array(bytes)))
  }

  nextInPlace(): Followed<RecordLease> | undefined {
    this.#requireOpen()
    const status = this.#native.nextLease()
    if (status !== Status.OK) return this.#nothing(status)
    return this.#received(new Lease(this.#open))
  }

  skipToNewest(): void {
    this.#native.skipToNewest()
  }

  wait({ signal, spinUs }: { readonly signal?: AbortSignal; readonly spinUs: number }): Promise<void> {
    try {
      requireSpin(spinUs)
      signal?.throwIfAborted()
      this.#requireOpen()
      const cursor = this.#native.cursor()
      if (this.#isHot(spinUs) && this.#open.native.spin(cursor, spinUs)) return Promise.resolve()
      return this.#open.watch.wait(cursor, { owner: this, signal })
    } catch (thrown) {
      return Promise.reject(thrown)
    }
  }

  wake(): void {
    this.#open.watch.wake(this)
  }

  get position(): number {
    return this.#native.cursor()
  }

  get counts(): FollowerCounts {
    const [received, lost, skipped] = this.#native.counts() as unknown as [number, number, number]
    return { received, lost, skipped }
  }

  close(): void {
    if (this.#closed !== undefined) return
    this.#closed = new RmqError('CLOSED', `Topic "${this.#open.description.name}": its subscription was closed.`)
    this.#open.watch.cancel(this, this.#closed)
  }

  #received<R>(record: R): { record: R; lost: number } {
    const { info } = this.#open.native
    this.#times = [this.#times[1], this.#times[2], info[INFO.TIME_NS]!]
    return { record, lost: info[INFO.LOST]! }
  }

  #nothing(status: number): undefined {
    if (status === Status.EMPTY) return undefined
    throw ringError(this.#open.description.name, status, this.#open.native)
  }

  /** Spinning costs a core: only where the stream is so fast that it is likely to end soon. */
  #isHot(spinUs: number): boolean {
    const [first, second, third] = this.#times
    const limitNs = 4 * spinUs * 1e3
    return third - second < limitNs && second - first < limitNs
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw this.#closed
    if (this.#open.closed) throw ringError(this.#open.description.name, Status.CLOSED, this.#open.native)
  }
}

/** The sequence of the first record that is wanted. What is put while this looks has a greater one than `next`. */
function firstOf({ native }: OpenSegment, from: FollowStart): number {
  const next = native.nextSequence()
  switch (from) {
    case 'new':
      return next
    case 'latest':
      return native.sequences(-1)[0] ?? next
    case 'oldest':
      return native.sequences(1)[0] ?? next
    default:
      if (Number.isSafeInteger(from) && from >= 0) return from + 1
      throw new RmqError('INVALID_ARGUMENT', `A cursor is a whole number of at least 0, got ${String(from)}.`)
  }
}

function requireSpin(spinUs: unknown): void {
  if (typeof spinUs === 'number' && spinUs >= 0 && spinUs <= MAX_SPIN_US) return
  throw new RmqError('INVALID_ARGUMENT', `spinUs must be from 0 to ${MAX_SPIN_US} microseconds, got ${String(spinUs)}.`)
}

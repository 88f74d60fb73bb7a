import { RmqError } from './errors.ts'
import type { FeedStart } from './feed.ts'
import { LeasedMessage, type TopicLife } from './lease.ts'
import { type Message, toMessage } from './message.ts'
import type { FollowerCounts, RecordLease, TopicFollower } from './topic.ts'

export interface SubscribeOptions {
  /**
   * Where to begin: `latest` with the newest record there is, `new` with the next that is put, `oldest` with all that
   * are there, `{ after: message }` behind that message. @default 'latest'
   */
  readonly from?: 'latest' | 'new' | 'oldest' | { readonly after: Pick<Message, 'epoch' | 'sequence'> }
  /** `all`: every record, as long as it is there. `latest`: always the newest, leaving out the others. @default 'all' */
  readonly policy?: 'all' | 'latest'
  /** Ends the subscription: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Microseconds, at most 200, to look for the next record before sleeping: shorter delays for a busy core. @default 0 */
  readonly spinUs?: number
  /** `data` is the record in place, without a copy, and expires with the next step of the iteration. @default false */
  readonly inPlace?: boolean
  /** Over a connection: records that may wait here, or be on their way, until they are read. @default 4096 */
  readonly bufferRecords?: number
  /** The same in bytes; one record may go over it. @default 8 MiB */
  readonly bufferBytes?: number
  /**
   * Seconds between two looks at an original robotmq server, which does not send by itself; up to five times as long
   * while nothing comes. @default 0.01
   */
  readonly pollIntervalS?: number
}

/** A place in one life of a topic, from which its records are read. */
export interface Place extends TopicLife {
  readonly follower: TopicFollower
  /** This life of the topic, or the server that it belongs to, is over. */
  isOver(): boolean
  leave(): void
}

/** What a subscription needs of its client. */
export interface SubscriptionSource {
  readonly topic: string
  /** A place in the topic, if it is at hand. */
  find(from: FeedStart): Place | undefined
  /**
   * A place in the topic, once it is there.
   * @param again it was there before: wait for its server to come back
   */
  open(from: FeedStart, again: boolean, signal: AbortSignal): Promise<Place>
  onLost?(lost: number): void
  onEnd(subscription: Subscription): void
}

/**
 * The records of a topic, one by one: an async iterator. `break` ends it. It goes on through restarts of the server,
 * with the new one's oldest record; every record is either delivered or counted as lost (or left out by the policy).
 */
export class Subscription implements AsyncIterableIterator<Message> {
  readonly #source: SubscriptionSource
  readonly #options: SubscribeOptions
  readonly #ended = new AbortController()
  readonly #stopListening: () => void
  #place: Place | undefined
  #earlier: FollowerCounts = { received: 0, lost: 0, skipped: 0 }
  #skippedBefore = 0
  #lease: RecordLease | undefined
  #busy = false
  readonly #waiting: (() => void)[] = []
  /** Whether the iteration has told, or need not tell, why it ended. */
  #told = false
  /** Resolves when the subscription has its place in the topic: every record that is put from then on is accounted for. */
  readonly ready: Promise<void>

  /** Made by `client.subscribe`. */
  constructor(source: SubscriptionSource, options: SubscribeOptions) {
    this.#source = source
    this.#options = options
    const { signal } = options
    const onAbort = () => this.#end(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#stopListening = () => signal?.removeEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    this.ready = this.#begin(false)
    // Whoever iterates is told by the iteration.
    this.ready.catch(() => {})
  }

  /** What became of the topic's records since this subscription began: received + lost + skipped were published. */
  get counts(): FollowerCounts {
    const now = this.#place?.follower.counts ?? NO_COUNTS
    return {
      received: this.#earlier.received + now.received,
      lost: this.#earlier.lost + now.lost,
      skipped: this.#earlier.skipped + now.skipped,
    }
  }

  /** @throws TOPIC_NOT_FOUND, UNSUPPORTED, CORRUPT, CLOSED when the client was closed; the signal's reason */
  next(): Promise<IteratorResult<Message, undefined>> {
    if (!this.#busy) return this.#step()
    // One step after the other, whoever asks.
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#step())))
  }

  /**
   * The next message if there is one now, else undefined: never waits. `readable` waits.
   * @throws as `next`
   */
  nextNow(): Message | undefined {
    this.#giveLeaseBack()
    try {
      return this.#place && this.#take(this.#place)
    } catch (thrown) {
      this.#finish(thrown)
      return undefined
    }
  }

  /**
   * To be called once `nextNow` has brought nothing: resolves with true when it is worth calling again, with false when
   * the subscription has ended.
   * @throws as `next`
   */
  async readable(): Promise<boolean> {
    while (this.#busy) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy = true
    try {
      if (this.#place === undefined) await this.ready
      this.#ended.signal.throwIfAborted()
      if (this.#place!.isOver()) await this.#begin(true)
      else await this.#place!.follower.wait({ spinUs: this.#options.spinUs ?? 0 })
      return true
    } catch (thrown) {
      this.#finish(thrown)
      return false
    } finally {
      this.#busy = false
      this.#waiting.shift()?.()
    }
  }

  async return(): Promise<IteratorResult<Message, undefined>> {
    this.close()
    return { done: true, value: undefined }
  }

  /** Ends the iteration. May be called again. */
  close(): void {
    this.#told = true
    this.#end(new RmqError('CLOSED', `The subscription to "${this.#source.topic}" was closed.`))
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /** Looks again: the server was met. */
  recheck(): void {
    this.#place?.follower.wake()
  }

  /** Every `await` between a put and the reader's code is time that the reader waits: there is one in the usual case. */
  async #step(): Promise<IteratorResult<Message, undefined>> {
    this.#busy = true
    this.#giveLeaseBack()
    try {
      if (this.#place === undefined) await this.ready
      for (;;) {
        this.#ended.signal.throwIfAborted()
        const place = this.#place!
        const message = this.#take(place)
        if (message !== undefined) return { done: false, value: message }
        if (place.isOver()) await this.#begin(true)
        // Its end closes the follower, which ends the wait.
        else await place.follower.wait({ spinUs: this.#options.spinUs ?? 0 })
      }
    } catch (thrown) {
      return this.#finish(thrown)
    } finally {
      this.#busy = false
      this.#waiting.shift()?.()
    }
  }

  /** Tells once why the iteration ends; from then on it has ended. */
  #finish(thrown: unknown): IteratorResult<Message, undefined> {
    this.#end(thrown)
    if (this.#told) return { done: true, value: undefined }
    this.#told = true
    throw this.#ended.signal.reason
  }

  /** The next message, if there is one now. */
  #take(place: Place): Message | undefined {
    if (this.#options.policy === 'latest') place.follower.skipToNewest()
    return (this.#options.inPlace === true && this.#takeInPlace(place)) || this.#takeCopy(place)
  }

  #takeCopy({ follower, epoch, clock }: Place): Message | undefined {
    const followed = follower.next()
    if (followed === undefined) return undefined
    const lostBefore = this.#account(follower, followed.lost)
    return toMessage(this.#source.topic, epoch, followed.record, () => clock.nowS(), lostBefore)
  }

  /** Undefined also where all leases are in use: a copy is as good then, and slower. */
  #takeInPlace(place: Place): Message | undefined {
    try {
      const followed = place.follower.nextInPlace()
      if (followed === undefined) return undefined
      this.#lease = followed.record
      const lostBefore = this.#account(place.follower, followed.lost)
      return new LeasedMessage(this.#source.topic, place, followed.record, lostBefore)
    } catch (error) {
      if (RmqError.isInstance(error) && error.code === 'LEASE_LIMIT') return undefined
      throw error
    }
  }

  /** @returns how many records this reader did not get before the one that was taken now */
  #account(follower: TopicFollower, lost: number): number {
    if (lost > 0) this.#source.onLost?.(lost)
    const { skipped } = follower.counts
    const skippedNow = skipped - this.#skippedBefore
    this.#skippedBefore = skipped
    return lost + skippedNow
  }

  /** Takes a place in the topic, after the earlier one came to its end. */
  async #begin(again: boolean): Promise<void> {
    this.#leave()
    this.#ended.signal.throwIfAborted()
    const from = again ? FROM_THE_FIRST : this.#start()
    // At hand or not: where nothing is waited for, the place in the topic is taken before `subscribe` returns.
    const place = this.#source.find(from) ?? (await this.#source.open(from, again, this.#ended.signal))
    if (this.#ended.signal.aborted) {
      place.leave()
      throw this.#ended.signal.reason
    }
    this.#place = place
  }

  #start(): FeedStart {
    const { from = 'latest' } = this.#options
    return typeof from === 'string' ? from : { epoch: from.after.epoch, after: from.after.sequence }
  }

  #leave(): void {
    this.#earlier = this.counts
    this.#skippedBefore = 0
    this.#place?.leave()
    this.#place = undefined
  }

  #giveLeaseBack(): void {
    this.#lease?.release()
    this.#lease = undefined
  }

  #end(reason: unknown): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort(reason)
    this.#stopListening()
    this.#giveLeaseBack()
    this.#leave()
    this.#source.onEnd(this)
  }
}

const NO_COUNTS: FollowerCounts = { received: 0, lost: 0, skipped: 0 }
/** What the next life put and lost before it was met is lost to this reader too. */
const FROM_THE_FIRST: FeedStart = { after: 0 }
/** Defaults of the buffer for what comes over a connection. */
export const BUFFER_RECORDS = 4096
export const BUFFER_BYTES: number = 8 * 2 ** 20

/** The most microseconds that a subscription may keep a core busy before it sleeps. */
const MOST_SPIN_US = 200

/** @throws INVALID_ARGUMENT naming the option that is not understood */
export function requireSubscribeOptions(options: SubscribeOptions): void {
  const { from = 'latest', policy = 'all', spinUs = 0 } = options
  const { bufferRecords = BUFFER_RECORDS, bufferBytes = BUFFER_BYTES, pollIntervalS = 0.01 } = options
  const after = typeof from === 'object' ? from?.after : undefined
  const known = from === 'latest' || from === 'new' || from === 'oldest'
  if (!known && !(typeof after?.epoch === 'string' && Number.isSafeInteger(after.sequence))) {
    throw invalid('from', `'latest', 'new', 'oldest' or { after: message }`, from)
  }
  if (policy !== 'all' && policy !== 'latest') throw invalid('policy', `'all' or 'latest'`, policy)
  if (!(typeof spinUs === 'number' && spinUs >= 0 && spinUs <= MOST_SPIN_US)) {
    throw invalid('spinUs', `a number of microseconds from 0 to ${MOST_SPIN_US}`, spinUs)
  }
  requireWhole('bufferRecords', bufferRecords)
  requireWhole('bufferBytes', bufferBytes)
  if (!(typeof pollIntervalS === 'number' && pollIntervalS > 0)) {
    throw invalid('pollIntervalS', 'a number of seconds greater than 0', pollIntervalS)
  }
}

function requireWhole(option: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw invalid(option, 'a whole number of at least 1', value)
}

function invalid(option: string, expected: string, got: unknown): RmqError {
  return new RmqError(
    'INVALID_ARGUMENT',
    `\`${option}\` must be ${expected}, got ${JSON.stringify(got) ?? String(got)}.`,
  )
}

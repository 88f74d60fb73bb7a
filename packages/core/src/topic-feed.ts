import { RmqError } from './errors.ts'
import type { Credit, Feed, FeedBatch, FeedEnd, FeedRequest, FeedSink } from './feed.ts'
import { nextTurn } from './next-turn.ts'
import { backgroundTimer } from './timer.ts'
import type { Followed, FollowStart, RecordCursor, RecordLease, TopicFollower, TopicStore } from './topic.ts'

/** Records of more bytes would hold up the small ones of other topics: they need a feed of their own kind. */
const LARGE_BYTES = 32 * 1024
/** A batch ends with the record that reaches one of these. */
const BATCH_RECORDS = 512
const BATCH_BYTES = 24 * 1024
/** What a record costs on its way beside its payload. */
const RECORD_BYTES = 32
/** After so long a batch that was not taken is offered again. */
const AGAIN_S = 0.01

/** Sends one topic's records to one client as fast as it takes them. Who is slow loses of its own oldest, and is told. */
export class TopicFeed implements Feed {
  readonly topic: string
  readonly epoch: string
  readonly next: number
  /** What may be under way to the client at a time. */
  readonly windowBytes: number
  readonly #request: FeedRequest
  readonly #sink: FeedSink
  readonly #cursor: RecordCursor
  readonly #stopWaking: () => void
  readonly #onClose: (feed: TopicFeed) => void
  #credit: Credit
  #sentRecords = 0
  #sentBytes = 0
  /** All before this sequence was told of. */
  #told: number
  #skippedTold = 0
  /** Was offered, and not taken yet. */
  #offered: FeedBatch | undefined
  /** Whether it is taken will be told. */
  #inFlight = false
  /** A large record follows what was sent. */
  #large = false
  #scheduled = false
  #pumping: Promise<void> | undefined
  #isPumping = false
  #closed = false

  constructor(store: TopicStore, request: FeedRequest, sink: FeedSink, onClose: (feed: TopicFeed) => void) {
    this.topic = request.topic
    this.epoch = store.description.epoch
    this.#request = request
    this.#sink = sink
    this.#onClose = onClose
    this.#credit = request.credit
    this.windowBytes = request.credit.bytes
    this.#cursor = store.follow(startIn(this.epoch, request))
    this.next = this.#cursor.position
    this.#told = this.next
    this.#stopWaking = store.onAppend(() => this.#schedule())
    this.#schedule()
  }

  grant({ records, bytes }: Credit): void {
    this.#credit = {
      records: Math.max(records, this.#credit.records),
      bytes: Math.max(bytes, this.#credit.bytes),
    }
    this.#schedule()
  }

  /** Sends what there is. Resolves when it is on its way, as far as the client takes it. */
  flush(): Promise<void> {
    if (this.#pumping !== undefined) return this.#pumping
    const pumping = this.#pump()
    // What is put from the very end of it on needs another one.
    if (this.#isPumping) this.#pumping = pumping
    return pumping
  }

  /** The epoch ends: what is not sent now is lost. */
  finish(): void {
    if (this.#closed) return
    if (this.#offered !== undefined && !this.#inFlight) void this.#sink.push(this.#offered)
    for (let batch = this.#take(); batch !== undefined; batch = this.#take()) void this.#sink.push(batch)
    while (this.#cursor.next() !== undefined);
    const rest = this.#notice()
    if (rest !== undefined) void this.#sink.push(rest)
    this.#end('over')
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#stopWaking()
    this.#cursor.close()
    this.#onClose(this)
  }

  /** Once for all that is put in one turn: a burst becomes few batches. */
  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    nextTurn(() => {
      this.#scheduled = false
      void this.flush()
    })
  }

  async #pump(): Promise<void> {
    this.#isPumping = true
    try {
      while (!this.#closed) {
        this.#offered ??= this.#take()
        if (this.#offered === undefined) {
          if (this.#large) this.#end('large')
          return
        }
        this.#inFlight = true
        const answer = this.#sink.push(this.#offered)
        const taken = answer === true || (await answer)
        this.#inFlight = false
        if (!taken) {
          backgroundTimer(() => this.#schedule(), AGAIN_S)
          return
        }
        this.#offered = undefined
      }
    } catch {
      // The topic cannot be read (its memory is damaged, or gone): who asks for another feed is told why.
      this.#end('over')
    } finally {
      this.#isPumping = false
      this.#pumping = undefined
    }
  }

  /** The next batch, if there is one and credit for it. */
  #take(): FeedBatch | undefined {
    const { policy, large = false } = this.#request
    const followed: Followed[] = []
    if (policy === 'latest' && this.#hasCredit) this.#cursor.skipToNewest()
    const most = policy === 'latest' ? 1 : BATCH_RECORDS
    let batchBytes = 0
    while (!this.#large && this.#hasCredit && followed.length < most && batchBytes < BATCH_BYTES) {
      const next = this.#request.heads === true ? nextHead(this.#cursor) : this.#cursor.next()
      if (next === undefined) break
      const bytes = next.record.data.byteLength
      if (bytes > LARGE_BYTES && !large) {
        this.#large = true
        break
      }
      followed.push(next)
      batchBytes += bytes + RECORD_BYTES
      this.#sentRecords += 1
      this.#sentBytes += bytes
    }
    if (followed.length === 0) return this.#large ? undefined : this.#notice()
    return this.#batch(followed, followed.at(-1)!.record.sequence + 1)
  }

  /** Tells of what is gone though no record follows it. */
  #notice(): FeedBatch | undefined {
    const { position } = this.#cursor
    return position > this.#told ? this.#batch([], position) : undefined
  }

  #batch(followed: readonly Followed[], next: number): FeedBatch {
    const { skipped } = this.#cursor.counts
    const batch = { followed, skipped: skipped - this.#skippedTold, next }
    this.#skippedTold = skipped
    this.#told = next
    return batch
  }

  #end(reason: FeedEnd): void {
    if (this.#closed) return
    this.#sink.end(reason)
    this.close()
  }

  get #hasCredit(): boolean {
    return this.#sentRecords < this.#credit.records && this.#sentBytes < this.#credit.bytes
  }
}

/** Without a copy where the record can be looked at in place. */
function nextHead(cursor: RecordCursor): Followed | undefined {
  const next = inPlace(cursor) ?? cursor.next()
  if (next === undefined) return undefined
  const { sequence, timestampS, captureTimeS } = next.record
  if ('release' in next.record) (next.record as RecordLease).release()
  const capture = captureTimeS === undefined ? {} : { captureTimeS }
  return { record: { sequence, timestampS, ...capture, data: NOTHING }, lost: next.lost }
}

/** Undefined also where all leases are in use. */
function inPlace(cursor: Partial<TopicFollower>): Followed<RecordLease> | undefined {
  try {
    return cursor.nextInPlace?.()
  } catch (error) {
    if (RmqError.isInstance(error) && error.code === 'LEASE_LIMIT') return undefined
    throw error
  }
}

const NOTHING = new Uint8Array(0)

function startIn(epoch: string, { from }: FeedRequest): FollowStart {
  if (typeof from === 'string') return from
  return from.epoch === undefined || from.epoch === epoch ? from.after : 'oldest'
}

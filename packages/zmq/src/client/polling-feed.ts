import { Buffer } from 'node:buffer'
import {
  Cancellation,
  type CancelSignal,
  type Credit,
  type Feed,
  type FeedBatch,
  type FeedRequest,
  type LinkFeedSink,
  RmqError,
  type TopicRecord,
} from '@rmq/core'

const DEFAULT_INTERVAL_S = 0.01
/** While nothing comes, looks grow rarer up to so many intervals apart. */
const IDLE_INTERVALS = 5
/** A look may take this share of the time: what it costs on a slow link is the whole newest record. */
const LOOK_SHARE = 4
/** A look without an answer is made again after this, then after twice as long. */
const PATIENCE_MS = 1000
const AGAIN = Symbol('look again')
/** Between looks this far apart a record may come and go: whether one did is not known. */
const BLIND_S = 0.1

/** Reads records of a topic without removing them. */
export type Peek = (n: number, signal: CancelSignal) => Promise<readonly TopicRecord[]>

/**
 * The records of an original robotmq server, which neither sends by itself nor numbers its records: looks for new ones
 * time and again. A record is known again by its timestamp and its bytes.
 */
export class PollingFeed implements Feed {
  readonly epoch = ''
  readonly next: number = Number.NaN
  readonly #request: FeedRequest
  readonly #sink: LinkFeedSink
  readonly #peek: Peek
  readonly #intervalMs: number
  readonly #closed = new AbortController()
  #credit: Credit
  #sentRecords = 0
  #sentBytes = 0
  /** The newest record that was seen, sent or not. */
  #seen: TopicRecord | undefined
  #lookedAt = performance.now()

  /** Begins, and resolves after the first look. @throws TOPIC_NOT_FOUND, UNSUPPORTED */
  static async begin(request: FeedRequest, sink: LinkFeedSink, peek: Peek, signal?: CancelSignal): Promise<void> {
    const feed = new PollingFeed(request, sink, peek)
    const onAbort = () => feed.close()
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      const batch = await feed.#first()
      sink.begin(feed)
      if (batch !== undefined) feed.#push(batch)
      void feed.#run()
    } catch (error) {
      throw signal?.aborted ? signal.reason : error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  private constructor(request: FeedRequest, sink: LinkFeedSink, peek: Peek) {
    this.#request = request
    this.#sink = sink
    this.#peek = peek
    this.#credit = request.credit
    this.#intervalMs = (request.pollIntervalS ?? DEFAULT_INTERVAL_S) * 1000
  }

  grant(total: Credit): void {
    this.#credit = total
  }

  close(): void {
    this.#closed.abort(new RmqError('CLOSED', 'The subscription was closed.'))
  }

  /** What is there at the start. */
  async #first(): Promise<FeedBatch | undefined> {
    const { from, policy } = this.#request
    const whole = policy === 'all' && (from === 'oldest' || typeof from === 'object')
    const records = await this.#look(whole ? 0 : -1)
    this.#seen = records.at(-1)
    const wanted = from === 'new' ? [] : policy === 'latest' ? records.slice(-1) : records
    return wanted.length === 0 ? undefined : batchOf(wanted, 0)
  }

  async #run(): Promise<void> {
    let waitMs = this.#intervalMs
    while (!this.#closed.signal.aborted) {
      try {
        const beganAt = performance.now()
        await this.#pause(waitMs)
        if (!this.#hasCredit) continue
        const lookedAt = performance.now()
        const batch = await this.#news()
        if (batch !== undefined) this.#push(batch)
        const tookMs = performance.now() - lookedAt
        const grown = batch === undefined ? Math.min(waitMs * 2, this.#intervalMs * IDLE_INTERVALS) : this.#intervalMs
        waitMs = Math.max(grown, tookMs * LOOK_SHARE - (lookedAt - beganAt - waitMs))
      } catch (error) {
        if (this.#closed.signal.aborted) return
        // Lost with the server, whose return makes another topic; or it was removed.
        this.#sink.end(RmqError.isInstance(error) && error.code === 'TOPIC_NOT_FOUND' ? 'over' : 'lost')
        return
      }
    }
  }

  /** What came since the last look. */
  async #news(): Promise<FeedBatch | undefined> {
    const blindS = (performance.now() - this.#lookedAt) / 1000
    const newest = (await this.#look(-1)).at(-1)
    if (newest === undefined || isSame(newest, this.#seen)) return undefined
    const seen = this.#seen
    let records: readonly TopicRecord[] = [newest]
    let found = false
    if (this.#request.policy === 'all') {
      // From the newest backwards, until the one is among them that was seen before, or there are no more.
      for (let count = 4; ; count *= 4) {
        records = await this.#look(-count)
        const at = records.findLastIndex((record) => isSame(record, seen))
        found = at !== -1
        if (found) records = records.slice(at + 1)
        if (found || records.length < count) break
      }
    }
    this.#seen = records.at(-1) ?? seen
    if (records.length === 0) return undefined
    // The clock of a server that was started again is behind: what was before is no loss.
    const restarted = seen !== undefined && newest.timestampS < seen.timestampS
    const unknown = this.#request.policy === 'all' && !found && !restarted && blindS > BLIND_S
    return batchOf(records, unknown ? Number.NaN : 0)
  }

  /** A question, or its answer, may be lost with the connection. */
  async #look(n: number): Promise<readonly TopicRecord[]> {
    for (let patienceMs = PATIENCE_MS; ; patienceMs *= 2) {
      const attempt = new Cancellation()
      const give = () => attempt.cancel(this.#closed.signal.aborted ? this.#closed.signal.reason : AGAIN)
      const timer = setTimeout(give, patienceMs)
      this.#closed.signal.addEventListener('abort', give, { once: true })
      if (this.#closed.signal.aborted) give()
      try {
        const records = await this.#peek(n, attempt)
        this.#lookedAt = performance.now()
        return records
      } catch (error) {
        if (error !== AGAIN) throw error
      } finally {
        clearTimeout(timer)
        this.#closed.signal.removeEventListener('abort', give)
      }
    }
  }

  #push(batch: FeedBatch): void {
    this.#sentRecords += batch.followed.length
    for (const { record } of batch.followed) this.#sentBytes += record.data.byteLength
    void this.#sink.push(batch)
  }

  get #hasCredit(): boolean {
    return this.#sentRecords < this.#credit.records && this.#sentBytes < this.#credit.bytes
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closed
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

/** @param lost before the first of them; NaN where nobody can tell */
function batchOf(records: readonly TopicRecord[], lost: number): FeedBatch {
  return {
    followed: records.map((record, index) => ({ record, lost: index === 0 ? lost : 0 })),
    skipped: 0,
    next: Number.NaN,
  }
}

function isSame(record: TopicRecord, other: TopicRecord | undefined): boolean {
  return (
    other !== undefined &&
    record.timestampS === other.timestampS &&
    record.data.byteLength === other.data.byteLength &&
    Buffer.compare(record.data, other.data) === 0
  )
}

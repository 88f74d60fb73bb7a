import { Deque } from './deque.ts'
import { RmqError } from './errors.ts'
import type { Credit, Feed, FeedBatch, FeedEnd, FeedRequest, FeedStart } from './feed.ts'
import type { Followed, FollowerCounts, RecordLease, TopicFollower } from './topic.ts'
import type { Link } from './transport.ts'

/**
 * With `latest`, records that may be on their way. Of large ones a second would wait behind the first, and be old when it
 * comes; of small ones a few keep a link with long delays busy.
 */
const LATEST_LARGE = 1
const LATEST_SMALL = 8

/**
 * Follows a topic over a link: takes what the server sends into a bounded buffer, and grants more as it is read. Goes on
 * where it was when the connection was lost; what left the topic meanwhile is counted as lost.
 */
export class RemoteFollower implements TopicFollower {
  readonly #link: Link
  /** The run of the server. */
  readonly #server: string
  readonly #request: FeedRequest
  readonly #stopped = new AbortController()
  readonly #waiters = new Set<() => void>()
  readonly #buffer = new Deque<Followed>()
  #bufferedBytes = 0
  #feed: Feed | undefined
  #epoch = ''
  /** The sequence that is expected next; NaN where nothing is numbered. */
  #position = Number.NaN
  #received = 0
  #lost = 0
  #skipped = 0
  #large = false
  /** Nothing more comes: the epoch is over. */
  #over = false
  #failure: unknown
  /** What this feed may send in all, as it was told, and as it should be told. */
  #granted: Credit = NO_CREDIT
  #due: Credit = NO_CREDIT

  /**
   * @param request its credit is the size of the buffer
   * @throws TOPIC_NOT_FOUND, NO_SPACE, UNSUPPORTED, CLOSED, the signal's reason
   */
  static async open(link: Link, request: FeedRequest, signal: AbortSignal): Promise<RemoteFollower> {
    const follower = new RemoteFollower(link, request)
    const stop = () => follower.close()
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await follower.#subscribe(request.from)
      return follower
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  private constructor(link: Link, request: FeedRequest) {
    this.#link = link
    this.#server = link.server
    this.#request = request
  }

  get epoch(): string {
    return this.#epoch
  }

  /** Nothing more comes, and all that came was read. */
  get ended(): boolean {
    return this.#over && this.#buffer.length === 0
  }

  get counts(): FollowerCounts {
    return { received: this.#received, lost: this.#lost, skipped: this.#skipped }
  }

  next(): Followed | undefined {
    if (this.#buffer.length === 0) {
      if (this.#failure !== undefined) throw this.#failure
      return undefined
    }
    const followed = this.#buffer.popFront()
    this.#bufferedBytes -= followed.record.data.byteLength
    this.#received += 1
    if (this.#grantsOnRead) this.#use(followed)
    return followed
  }

  /** The received memory itself, which expires as a record in shared memory would. */
  nextInPlace(): Followed<RecordLease> | undefined {
    const followed = this.next()
    if (followed === undefined) return undefined
    const { data, ...times } = followed.record
    let shown = data
    const record: RecordLease = {
      ...times,
      get data() {
        return shown
      },
      release: () => {
        shown = NOTHING
      },
    }
    return { record, lost: followed.lost }
  }

  /** What waits here is never more than the newest. */
  skipToNewest(): void {}

  wait({ signal }: { readonly signal?: AbortSignal; readonly spinUs: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#waiters.delete(settle)
        signal?.removeEventListener('abort', settle)
        if (signal?.aborted) reject(signal.reason)
        else if (this.#stopped.signal.aborted) reject(this.#stopped.signal.reason)
        else resolve()
      }
      const settled = this.#buffer.length > 0 || this.#over || this.#failure !== undefined
      if (settled || signal?.aborted || this.#stopped.signal.aborted) return settle()
      this.#waiters.add(settle)
      signal?.addEventListener('abort', settle, { once: true })
    })
  }

  wake(): void {
    for (const settle of this.#waiters) settle()
  }

  close(): void {
    if (this.#stopped.signal.aborted) return
    this.#stopped.abort(new RmqError('CLOSED', `The subscription to "${this.#request.topic}" was closed.`))
    this.#feed?.close()
    this.wake()
  }

  async #subscribe(from: FeedStart): Promise<void> {
    const credit = this.#beginCredit()
    let current = false
    await this.#link.subscribe(
      { ...this.#request, from, credit, large: this.#large },
      {
        begin: (feed) => {
          current = this.#begin(feed)
        },
        push: (batch) => {
          if (current) this.#take(batch)
          return true
        },
        end: (reason) => {
          if (current) this.#onEnd(reason)
          current = false
        },
      },
      { signal: this.#stopped.signal },
    )
  }

  /** @returns whether it goes on with this feed */
  #begin(feed: Feed): boolean {
    // In another life of the topic nobody knows any more what was missed of the earlier one.
    const another = this.#feed !== undefined && feed.epoch !== this.#epoch
    if (another) this.#end()
    if (another || this.#stopped.signal.aborted) {
      feed.close()
      return false
    }
    this.#feed = feed
    this.#epoch = feed.epoch
    if (Number.isNaN(this.#position)) this.#position = feed.next
    return true
  }

  #take({ followed, skipped, next }: FeedBatch): void {
    this.#skipped += skipped
    let leftOut = skipped
    for (const { record, lost } of followed) {
      // Never twice, whatever a connection that is being replaced may still bring.
      if (record.sequence < this.#position) continue
      this.#add({ record, lost: this.#advance(record.sequence, leftOut, lost) })
      leftOut = 0
    }
    // What is gone though no record follows it.
    if (next > this.#position) {
      this.#lost += Math.max(next - this.#position - leftOut, 0)
      this.#position = next
    }
    this.wake()
  }

  /**
   * The sequences tell what is missing, across connections too.
   * @param told by a server that does not number its records, as far as it knows
   */
  #advance(sequence: number, leftOut: number, told: number): number {
    const lost = Number.isNaN(sequence) ? told : Math.max(sequence - this.#position - leftOut, 0)
    this.#lost += lost
    this.#position = sequence + 1
    return lost
  }

  #add({ record, lost }: Followed): void {
    let lostBefore = lost
    if (!this.#grantsOnRead) {
      this.#use({ record, lost })
      if (this.#buffer.length > 0) {
        const old = this.#buffer.popFront()
        this.#bufferedBytes -= old.record.data.byteLength
        this.#skipped += 1
        lostBefore += old.lost
      }
    }
    this.#buffer.pushBack({ record, lost: lostBefore })
    this.#bufferedBytes += record.data.byteLength
  }

  /** Grants again what a record took; not for every single one. */
  #use({ record }: Followed): void {
    const limit = this.#limit
    this.#due = { records: this.#due.records + 1, bytes: this.#due.bytes + record.data.byteLength }
    const records = this.#due.records - this.#granted.records
    const bytes = this.#due.bytes - this.#granted.bytes
    if (records < limit.records / 2 && bytes < limit.bytes / 2) return
    this.#granted = this.#due
    this.#feed?.grant(this.#due)
  }

  /** What a new feed may send: the room that is left. */
  #beginCredit(): Credit {
    const { records, bytes } = this.#limit
    const all = this.#grantsOnRead
    this.#due = {
      records: records - (all ? this.#buffer.length : 0),
      bytes: bytes - (all ? this.#bufferedBytes : 0),
    }
    this.#granted = this.#due
    return { records: Math.max(this.#due.records, 0), bytes: Math.max(this.#due.bytes, 0) }
  }

  /** The newest record is to wait here, and not at the server; heads are worth no haste. */
  get #grantsOnRead(): boolean {
    return this.#request.policy === 'all' || this.#request.heads === true
  }

  get #limit(): Credit {
    const { policy, credit } = this.#request
    if (policy === 'all') return credit
    return { ...credit, records: Math.min(credit.records, this.#large ? LATEST_LARGE : LATEST_SMALL) }
  }

  #onEnd(reason: FeedEnd): void {
    if (this.#stopped.signal.aborted) return
    if (reason === 'large') this.#large = true
    if (reason === 'over') this.#end()
    else void this.#resume()
  }

  /** Takes its place again, behind the last record that came. */
  async #resume(): Promise<void> {
    try {
      await this.#link.ready({ signal: this.#stopped.signal })
      if (this.#link.server !== this.#server) return this.#end()
      const numbered = !Number.isNaN(this.#position)
      await this.#subscribe(numbered ? { epoch: this.#epoch, after: this.#position - 1 } : 'new')
    } catch (error) {
      if (this.#stopped.signal.aborted) return
      this.#failure = error
      this.wake()
    }
  }

  #end(): void {
    this.#over = true
    this.wake()
  }
}

const NO_CREDIT: Credit = { records: 0, bytes: 0 }
const NOTHING = new Uint8Array(0)

import type { Followed } from './topic.ts'

/**
 * Where a feed begins: `latest` with the newest record there is, `new` with the next one, `oldest` with all that are
 * there, `after` behind that sequence. In another epoch than the one named, `after` is as `oldest`.
 */
export type FeedStart = 'latest' | 'new' | 'oldest' | { readonly epoch?: string; readonly after: number }

/** How much may be sent, counted from the beginning of a feed. */
export interface Credit {
  readonly records: number
  /** The record that goes over it is still sent. */
  readonly bytes: number
}

/** What a client asks for when it wants to be sent a topic's records. */
export interface FeedRequest {
  readonly topic: string
  readonly from: FeedStart
  /** `latest`: of what waits, only the newest is sent. */
  readonly policy: 'all' | 'latest'
  /** The credit to begin with. */
  readonly credit: Credit
  /** Records of any size are welcome: this way carries no small ones that they would hold up. @default false */
  readonly large?: boolean
  /** Records without their bytes: when they came is all that is asked. @default false */
  readonly heads?: boolean
  /** Seconds between looks at a server that does not send by itself. @default 0.01 */
  readonly pollIntervalS?: number
}

/** Records in order. Each tells how many were lost before it. */
export interface FeedBatch {
  readonly followed: readonly Followed[]
  /** Records that the policy left out before the first of these. */
  readonly skipped: number
  /** The sequence that comes next: all before it is sent, left out or lost. NaN from a server that does not count. */
  readonly next: number
}

/**
 * Why nothing more comes. `over`: the topic's epoch is. `large`: a record follows that needs a feed which takes large
 * ones. `lost`: the connection is gone.
 */
export type FeedEnd = 'over' | 'large' | 'lost'

/** Where a feed's records go. */
export interface FeedSink {
  /** @returns false: could not be taken now, and is to be offered again */
  push(batch: FeedBatch): boolean | Promise<boolean>
  end(reason: FeedEnd): void
}

/** The same at the far end of a link. */
export interface LinkFeedSink extends FeedSink {
  /** Called once, before anything else. */
  begin(feed: Feed): void
}

/** A topic's records on their way to one client. */
export interface Feed {
  readonly epoch: string
  /** The sequence of the first record that it accounts for. NaN from a server that does not count. */
  readonly next: number
  /** Raises the credit; a lower one than before is ignored. */
  grant(total: Credit): void
  /** Nothing is pushed any more. May be called again. */
  close(): void
}

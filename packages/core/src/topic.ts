import type { TopicRecord } from './message.ts'
import type { RecordTimes } from './record-times.ts'
import type { Retention } from './retention.ts'
import type { TopicName } from './topic-name.ts'

/** What a server is asked to create. */
export interface TopicSpec {
  readonly name: TopicName
  /** Which home holds it, such as `heap`. */
  readonly kind: string
  readonly retention: Retention
}

/** What a topic is, as everybody who may reach it is told. */
export interface TopicDescription extends TopicSpec {
  readonly epoch: string
  /** Of a topic that processes of one host share. */
  readonly place?: TopicPlace
}

/** Where a shared topic is, to tell why others do not find it. */
export interface TopicPlace {
  /** The file of its records. */
  readonly path: string
  /** Another one after each start of the machine. */
  readonly bootId: string
  /** Processes of another one read another steady clock. */
  readonly timeNamespace: string
  /** Numerical id of its owner. */
  readonly user: number
}

/** How a topic fares. */
export interface TopicStatus {
  readonly topic: string
  readonly kind: string
  readonly epoch: string
  /** Records that a reader would get now. */
  readonly count: number
  /** Bytes that these records hold. */
  readonly bytes: number
  /** Records ever put, and their bytes. */
  readonly published: number
  readonly publishedBytes: number
  /** Records per second over the last seconds. */
  readonly rateHz: number
  /** Records that left by age. */
  readonly expired: number
  /** Records that left because the topic was full, before their age. */
  readonly evicted: number
  /** Records that were popped. */
  readonly popped: number
  /** Puts that were refused. */
  readonly rejected: number
  /** Seconds since the newest record was put; undefined where there never was one. */
  readonly newestAgeS?: number
}

export interface Stamp {
  /** Seconds on the server's clock. */
  readonly timestampS: number
  readonly captureTimeS?: number
}

/**
 * A topic in its home. Synchronous, used by one thread, never blocks.
 * Records that `read` and `take` return are views of the store's memory: copy what outlives the call, except where the
 * same objects are held (the store reuses the memory of a record only after its `data` object is garbage).
 */
export interface TopicStore {
  readonly description: TopicDescription
  readonly count: number
  /** Takes ownership of `data`. @returns the record's sequence */
  append(data: Uint8Array, stamp: Stamp): number
  /** `n > 0` the oldest n, `n < 0` the newest |n|, `n = 0` all; in time order. */
  read(n: number): TopicRecord[]
  /** As `read`, and removes exactly what it returns. */
  take(n: number): TopicRecord[]
  /** When the records that are there now are from. */
  times(): RecordTimes
  /** One record by its sequence, as `read` gives it; undefined: it is gone. */
  readOne(sequence: number): TopicRecord | undefined
  /** As `read` and `take`, by reference as far as leases reach. Homes whose memory others cannot map have no such thing. */
  refer?(n: number, take: boolean): ReferredRecord[]
  status(): TopicStatus
  /** Counts puts that were refused. */
  reject(count: number): void
  /** Reads on from there, record by record. */
  follow(from: FollowStart): RecordCursor
  /** @returns a function that stops the calls */
  onAppend(wake: () => void): () => void
  /** Begins a new epoch: no records, sequence 1. */
  reset(epoch: string): void
  close(): void
}

/** Where a record's bytes lie in a file of shared memory, for a peer that maps the file itself. */
export interface RecordReference {
  /** The file's name in the folder of shared memory. */
  readonly name: string
  /** Bytes of the whole file. */
  readonly totalBytes: number
  /** Where the record begins in the file. */
  readonly start: number
  readonly byteLength: number
  /** The record's bytes in memory of their own; not after `release`. */
  copy(): Uint8Array
  /** Gives the record's memory back; until then its bytes stay what they are. May be called again. */
  release(): void
}

/** A record that is either here or told by reference; `data` is empty then. */
export interface ReferredRecord extends TopicRecord {
  readonly reference?: RecordReference
}

/** A record in place: its bytes stay what they are until it is released, and are gone from `data` then. */
export interface RecordLease extends TopicRecord {
  release(): void
}

/** Room for a record in the topic's own memory, which nobody sees before `commit`. */
export interface RecordLoan {
  /** Empty once the loan was committed or discarded. */
  readonly bytes: Uint8Array
  /** @param byteLength of the record; the rest of the room is given back. @returns the record's sequence */
  commit(byteLength: number, stamp: Pick<Stamp, 'captureTimeS'>): number
  discard(): void
}

/** The next record of a follower, and how many it could not get before it. */
export interface Followed<R extends TopicRecord = TopicRecord> {
  readonly record: R
  readonly lost: number
}

/** What became of all records since a follower's start: received + lost + skipped is their number. */
export interface FollowerCounts {
  readonly received: number
  /** Gone before they were read: by age, for space, or popped. */
  readonly lost: number
  /** Left out by `skipToNewest`. */
  readonly skipped: number
}

/**
 * Where reading a topic begins. `latest`: the newest record there is and all that follow; `new`: what comes from now on;
 * `oldest`: all that is there; a number: what comes after this sequence.
 */
export type FollowStart = 'latest' | 'new' | 'oldest' | number

/** Reads a topic record by record and accounts for every one. */
export interface RecordCursor {
  /** The next record, as `read` gives it; undefined: there is none yet. */
  next(): Followed | undefined
  /** Leaves out all but the newest record. */
  skipToNewest(): void
  /** The sequence of the record that is wanted next: all before it is received, lost or skipped. */
  readonly position: number
  readonly counts: FollowerCounts
  close(): void
}

/** A cursor that waits, too. */
export interface TopicFollower extends Omit<RecordCursor, 'position'> {
  /** The next record, in memory of its own; undefined: there is none yet. */
  next(): Followed | undefined
  /** The next record in place. Undefined: there is none yet. @throws LEASE_LIMIT, and nothing is skipped then */
  nextInPlace(): Followed<RecordLease> | undefined
  /** Resolves when there may be a next record, or the topic's life has ended. Rejects with the signal's reason. */
  wait(options: { readonly signal?: AbortSignal; readonly spinUs: number }): Promise<void>
  /** Resolves the waits that are under way. */
  wake(): void
  /** Waits that are under way reject with CLOSED. */
  close(): void
}

/** A topic that processes and threads of one host share: each attaches a store of its own to the same records. */
export interface SharedTopicStore extends TopicStore {
  /** The topic's life is over (its server ended, or began a new epoch): what is left may be read, nothing is added. */
  readonly ended: boolean
  /** The clock of the topic's server, as every attached process reads it. */
  readonly clock: ServerTime
  /** Copies `data`. The record's time is that of its publication. */
  append(data: Uint8Array, stamp: Pick<Stamp, 'captureTimeS'>): number
  /** As `read` of the newest (-1) or oldest (1) record, into the caller's memory: `data` is its beginning. */
  readInto(n: 1 | -1, into: Uint8Array): TopicRecord | undefined
  /** The newest record in place. @throws LEASE_LIMIT */
  lease(): RecordLease | undefined
  /** @throws MESSAGE_TOO_LARGE, NO_SPACE */
  loan(byteLength: number): RecordLoan
  follow(from: FollowStart): TopicFollower & RecordCursor
}

/** Which topic to attach: names it within the host. */
export interface TopicAddress {
  readonly name: TopicName
  /** The run of the topic's server. */
  readonly server: string
}

/** Makes topics of one kind that live in one thread. */
export interface TopicHome {
  readonly kind: string
  create(description: TopicDescription, clock: ServerTime): TopicStore
}

/** Opens topics of one kind that processes and threads of a host share. */
export interface SharedTopicHome {
  readonly kind: string
  /**
   * Opens the store of a topic that another thread or process created.
   * @returns undefined where there is no such topic here
   * @throws where it is there and cannot be attached: PERMISSION_DENIED, VERSION_MISMATCH, NATIVE_ADDON_MISSING,
   *   UNSUPPORTED, NO_SPACE when all its places are taken, CORRUPT
   */
  attach(address: TopicAddress): SharedTopicStore | undefined
  /** Why a topic at this place is not found here, for people. */
  explain(place: TopicPlace): string
}

/** The server's clock. */
export interface ServerTime {
  nowS(): number
  /** The host's steady clock, in seconds, at timestamp 0. */
  readonly zeroS: number
}

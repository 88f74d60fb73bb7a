import type { TopicRecord } from './message.ts'
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
  status(): TopicStatus
  /** Counts puts that were refused. */
  reject(count: number): void
  /** @returns a function that stops the calls */
  onAppend(wake: () => void): () => void
  /** Begins a new epoch: no records, sequence 1. */
  reset(epoch: string): void
  close(): void
}

/** Makes topics of one kind. */
export interface TopicHome {
  readonly kind: string
  create(description: TopicDescription, clock: ServerTime): TopicStore
}

/** The server's clock. */
export interface ServerTime {
  nowS(): number
}

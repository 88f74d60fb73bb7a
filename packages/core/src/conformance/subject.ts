import type { PeekAlignedOptions, PeekAtOptions, RequestOptions } from '../call-options.ts'
import type { ClockEstimate } from '../clock-estimate.ts'
import type { Message } from '../message.ts'
import type { RequestContext } from '../request.ts'
import type { RetentionOptions } from '../retention.ts'
import type { StaleEvent } from '../stale-watch.ts'
import type { SubscribeOptions, Subscription } from '../subscription.ts'

/** A server with topics as one side reaches it: a home, a link, or a peer in another language. */
export interface ConformanceSubject {
  addTopic(topic: string, options: RetentionOptions): void | Promise<void>
  putData(topic: string, data: Uint8Array, options?: { readonly captureTimeS?: number }): void | Promise<void>
  peekData(topic: string, n: number, options?: { readonly maxAgeS?: number }): Promise<readonly Message[]>
  popData(topic: string, n: number): Promise<readonly Message[]>
  /** -1 where there is no such topic. */
  getTopicStatus(topic: string): Promise<number>
  requestWithData?(topic: string, data: Uint8Array, options?: RequestOptions): Promise<Uint8Array>
  subscribe?(topic: string, options?: SubscribeOptions): Subscription
  peekAt?(topic: string, timeS: number, options?: PeekAtOptions): Promise<Message | undefined>
  peekAligned?(topics: readonly string[], options: PeekAlignedOptions): Promise<readonly Message[]>
  onStale?(topic: string, afterS: number, callback: (event: StaleEvent) => void): () => void
  clock?(): ClockEstimate
  /** Moves timestamp 0 and begins new epochs. */
  resetStartTime?(systemTimeUs: number): void
  onRequest?(topic: string, handler: (data: Uint8Array, context: RequestContext) => Promise<Uint8Array>): unknown
  close(): Promise<void>
}

export interface ConformanceOptions {
  /** The runner's function, such as vitest's `test`. */
  readonly test: (name: string, run: () => Promise<void>) => void
  /** Makes a fresh server without topics. */
  readonly factory: () => Promise<ConformanceSubject>
  /** What the subject lacks by nature. @default everything is there */
  readonly lacks?: readonly Feature[]
}

export type Feature =
  /** Sequences, epochs and capture times: the original's wire has none. */
  | 'sequences'
  /** `pop(n)` that removes n: the original removes all. */
  | 'exact pop'
  /** `keepLast`, `maxRecords`, `maxBytes`. */
  | 'limits'
  /** Expiry judged when reading: the original waits for the next put. */
  | 'expiry on read'
  | 'requests'
  /** `subscribe`, and what tells of time (`peekAt`, `onStale`, `clock`, deadlines): of our clients. */
  | 'subscriptions'
  /** A record stays in the topic until its subscriber asks for it: over a link, some are on their way. */
  | 'no read-ahead'
  /** Many calls in flight at once: the original's client blocks. */
  | 'parallel calls'

export type Case = readonly [
  name: string,
  needs: readonly Feature[],
  run: (subject: ConformanceSubject) => Promise<void>,
]

export function runCases(cases: readonly Case[], { test, factory, lacks = [] }: ConformanceOptions): void {
  for (const [name, needs, run] of cases) {
    if (needs.some((feature) => lacks.includes(feature))) continue
    test(name, async () => {
      const subject = await factory()
      try {
        await run(subject)
      } finally {
        await subject.close()
      }
    })
  }
}

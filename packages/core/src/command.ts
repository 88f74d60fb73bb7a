import type { TopicRecord } from './message.ts'
import type { TopicDescription, TopicStatus } from './topic.ts'

/**
 * Names one call of one client so that however often it arrives, it takes effect at most once.
 * Numbers count from 1 per client.
 */
export interface RequestKey {
  /** The client's instance, a random word. */
  readonly client: string
  readonly request: number
  /** The lowest number that this client still waits for: replies below it are no longer needed, retries below it are refused. */
  readonly floor: number
  /** The run of the server that the call was first sent to: a later run refuses it. */
  readonly server: string
}

/** What clients ask of a server. Plain data: it crosses threads and wires. */
export type Command =
  | { readonly op: 'describe'; readonly topic: string }
  | { readonly op: 'status'; readonly topic: string }
  | { readonly op: 'list' }
  | { readonly op: 'peek'; readonly topic: string; readonly n: number }
  /** The record nearest a time on the steady clock of the server's host; none where that one is further than `toleranceS`. */
  | { readonly op: 'peekAt'; readonly topic: string; readonly timeS: number; readonly toleranceS?: number }
  /** One record of each topic from the same moment; of those in `heads` without its bytes. */
  | {
      readonly op: 'peekAligned'
      readonly topics: readonly string[]
      readonly toleranceS: number
      readonly timeS?: number
      readonly heads?: readonly string[]
    }
  | { readonly op: 'pop'; readonly topic: string; readonly n: number; readonly key?: RequestKey }
  | {
      readonly op: 'put'
      readonly topic: string
      /** Ownership passes with the call. */
      readonly data: Uint8Array
      readonly captureTimeS?: number
      readonly key?: RequestKey
    }
  | {
      readonly op: 'request'
      readonly topic: string
      /** Ownership passes with the call. */
      readonly data: Uint8Array
      /** On the steady clock of the server's host: later it is not run any more. */
      readonly deadlineTimeS?: number
      /** A newer one like this of the same client and topic takes its place, as long as no handler has it. */
      readonly supersede?: boolean
      readonly key?: RequestKey
    }

export type Op = Command['op']

/** What each command is answered with. A failure is a thrown `RmqError`. */
export interface Replies {
  describe: { readonly description: TopicDescription }
  /** `count` is -1 where there is no such topic. */
  status: { readonly count: number }
  list: { readonly topics: readonly TopicStatus[] }
  peek: { readonly epoch: string; readonly records: readonly TopicRecord[] }
  peekAt: { readonly epoch: string; readonly records: readonly TopicRecord[] }
  /** In the order of the topics. */
  peekAligned: { readonly epochs: readonly string[]; readonly records: readonly TopicRecord[] }
  pop: { readonly epoch: string; readonly records: readonly TopicRecord[] }
  put: { readonly epoch: string; readonly sequence: number }
  request: { readonly data: Uint8Array; readonly timestampS: number }
}

export type ReplyTo<C extends Command> = Replies[C['op']]
export type Reply = Replies[Op]

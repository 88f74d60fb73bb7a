import type { ServerAccess } from './access.ts'
import type { Command, ReplyTo } from './command.ts'
import type { RMQLogLevel } from './log.ts'
import type { Stamp, TopicDescription } from './topic.ts'

/** Bounds of a server. Each has a generous default. */
export interface ServerLimits {
  /** Requests that may wait for an answer at a time; more are refused with NO_SPACE. @default 1024 */
  readonly maxPendingRequests?: number
  /** Seconds that a request waits for a handler to take it before it fails. @default 60 */
  readonly requestWaitS?: number
  /** Bytes of puts, 512 more for each, that the message thread has not yet taken in; a put beyond fails with NO_SPACE. @default 256 MiB */
  readonly maxBytesInFlight?: number
}

export interface EngineStart extends ServerLimits, ServerAccess {
  readonly name: string
  /** The run of the server. */
  readonly server: string
  /** The steady clock, in microseconds, at the server's timestamp 0. */
  readonly zeroUs: number
  readonly logLevel: RMQLogLevel
}

/** What a server counts beside its topics. */
export interface ServerCounters {
  /** Messages that no wire understood. */
  readonly malformed: number
  /** Replies that were lost because their client had gone or did not read. */
  readonly dropped: number
  /** Clients, and calls of clients, that were not admitted: by their key or address, by `robotmqClients`, or over a limit. */
  readonly refused: number
  /** Requests that wait for an answer now. */
  readonly pendingRequests: number
}

/** A request on its way to a handler. */
export interface EngineRequest {
  /** Names the request towards {@link Engine.answer}. */
  readonly id: number
  readonly topic: string
  readonly data: Uint8Array
  readonly clientName: string
  /** Counts the topic's requests from 1. */
  readonly sequence: number
  /** On this host's steady clock: later it must not be begun any more. */
  readonly deadlineTimeS?: number
  /** It may be cancelled in favour of a newer one that follows at once. */
  readonly supersede?: boolean
}

/** Where an engine tells of requests. */
export interface RequestSink {
  deliver(request: EngineRequest): void
  /** Nobody waits for the answer any more. */
  cancel(id: number): void
}

export type Answer = { readonly data: Uint8Array } | { readonly error: string }

/** What runs a server: in this thread ({@link LocalEngine}) or in one of its own (`@rmq/core/thread`). */
export interface Engine {
  /** Settles when the engine ended: fulfilled by `close`, rejected when it died. */
  readonly closed: Promise<void>
  start(options: EngineStart, sink: RequestSink): Promise<void>
  /** @returns the endpoint as bound */
  listen(endpoint: string): Promise<string>
  addTopic(description: TopicDescription): void
  /** Copies `data`: it is the caller's again on return. */
  put(topic: string, data: Uint8Array, stamp: Stamp): void
  /** Runs a command for the server itself; payloads in the reply are the caller's. */
  execute<C extends Command>(command: C): Promise<ReplyTo<C>>
  counters(): Promise<ServerCounters>
  /** A handler took the request: it no longer waits. */
  take(id: number): void
  answer(id: number, answer: Answer): void
  /** Moves timestamp 0 and begins new epochs of all topics. */
  resetStartTime(zeroUs: number, epochs: ReadonlyMap<string, string>): void
  close(): Promise<void>
}

import type { MessagePort } from 'node:worker_threads'
import type { Command, Reply } from '../command.ts'
import type { Answer, EngineRequest, EngineStart, ServerCounters } from '../engine.ts'
import { RmqError, type RmqErrorCode } from '../errors.ts'
import type { Stamp, TopicDescription } from '../topic.ts'

/** What the message thread is born with. */
export interface ThreadData {
  readonly start: EngineStart
  /** Orders, puts and answers, both ways. */
  readonly control: MessagePort
  /** Empty buffers back to the producer's thread. */
  readonly recycle: MessagePort
  readonly state: SharedArrayBuffer
  /** Of the {@link PutRing}. */
  readonly ring: SharedArrayBuffer
}

/**
 * Orders to the message thread. All travel through one port, so that a put never overtakes its addTopic; small puts take
 * the ring and tell how many orders came before them.
 */
export type ToThread =
  | { readonly t: 'addTopic'; readonly description: TopicDescription }
  | { readonly t: 'put'; readonly topic: string; readonly data: Uint8Array; readonly stamp: Stamp }
  /** What is put from now on is in another ring. */
  | { readonly t: 'ring'; readonly memory: SharedArrayBuffer }
  /** There is something in the ring. */
  | { readonly t: 'wake' }
  | { readonly t: 'rejected'; readonly topic: string; readonly count: number }
  | { readonly t: 'execute'; readonly id: number; readonly command: Command }
  | { readonly t: 'listen'; readonly id: number; readonly endpoint: string }
  | { readonly t: 'counters'; readonly id: number }
  | { readonly t: 'take'; readonly id: number }
  | { readonly t: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly t: 'resetStartTime'; readonly zeroUs: number; readonly epochs: ReadonlyMap<string, string> }
  | { readonly t: 'close' }

/** What a call to the message thread returns. */
export type Outcome = Reply | ServerCounters | string

export type FromThread =
  | { readonly t: 'ready' }
  | { readonly t: 'done'; readonly id: number; readonly value: Outcome }
  | { readonly t: 'failed'; readonly id: number; readonly error: PlainError }
  | { readonly t: 'request'; readonly request: EngineRequest }
  | { readonly t: 'cancel'; readonly id: number }

/** An `RmqError` as it crosses threads, which strip errors of their class. */
export interface PlainError {
  readonly code: RmqErrorCode | undefined
  readonly message: string
}

export function toPlainError(error: unknown): PlainError {
  if (RmqError.isInstance(error)) return { code: error.code, message: error.message }
  return { code: undefined, message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

export function fromPlainError({ code, message }: PlainError): Error {
  return code === undefined ? new Error(message) : new RmqError(code, message)
}

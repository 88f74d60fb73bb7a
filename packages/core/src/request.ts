import type { EngineRequest } from './engine.ts'

/** The circumstances of a request. */
export interface RequestContext {
  readonly topic: string
  /** The name that the client gave itself. */
  readonly clientName: string
  /** Counts the topic's requests from 1. */
  readonly sequence: number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** A request: its bytes, with the circumstances as properties. `data` is the same bytes again. */
export interface IncomingRequest extends Uint8Array, RequestContext {
  readonly data: Uint8Array
}

/** Answers a request with bytes; what it throws reaches the caller as REQUEST_FAILED with its message. */
export type RequestHandler = (request: IncomingRequest, context: RequestContext) => Promise<Uint8Array> | Uint8Array

export interface OpenRequest {
  readonly id: number
  readonly request: IncomingRequest
  readonly cancel: () => void
}

export function openRequest({ id, topic, data, clientName, sequence }: EngineRequest): OpenRequest {
  const controller = new AbortController()
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const context = { data: bytes, topic, clientName, sequence, signal: controller.signal }
  // Not enumerable: compared and printed, a request is its bytes.
  for (const [name, value] of Object.entries(context)) Object.defineProperty(bytes, name, { value })
  return { id, request: bytes as unknown as IncomingRequest, cancel: () => controller.abort() }
}

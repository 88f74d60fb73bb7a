import { steadyNowS } from './clock-estimate.ts'
import type { EngineRequest } from './engine.ts'

/** The circumstances of a request. */
export interface RequestContext {
  readonly topic: string
  /** The name that the client gave itself. */
  readonly clientName: string
  /** Counts the topic's requests from 1. */
  readonly sequence: number
  /** When its caller gives up, on this host's steady clock (`steadyClockUs() / 1e6`); undefined: not at a given time. */
  readonly deadlineTimeS: number | undefined
  /** Seconds until then; Infinity without a deadline. */
  remainingS(): number
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** A request: its bytes, with the circumstances as properties. `data` is the same bytes again. */
export interface IncomingRequest extends Uint8Array, RequestContext {
  readonly data: Uint8Array
}

/** Answers a request with bytes; what it throws reaches the caller as REQUEST_FAILED with its message. */
export type RequestHandler = (request: IncomingRequest, context: RequestContext) => Promise<Uint8Array> | Uint8Array

/** What a request is made of: plain getters, which neither printing nor comparing shows. */
class RequestBytes extends Uint8Array<ArrayBufferLike> implements IncomingRequest {
  readonly #engineRequest: EngineRequest
  #controller: AbortController | undefined
  #cancelled = false

  constructor(engineRequest: EngineRequest) {
    const { data } = engineRequest
    super(data.buffer, data.byteOffset, data.byteLength)
    this.#engineRequest = engineRequest
  }

  /** What is cut from a request is bytes, no request. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array
  }

  get data(): Uint8Array {
    return this
  }

  get topic(): string {
    return this.#engineRequest.topic
  }

  get clientName(): string {
    return this.#engineRequest.clientName
  }

  get sequence(): number {
    return this.#engineRequest.sequence
  }

  get deadlineTimeS(): number | undefined {
    return this.#engineRequest.deadlineTimeS
  }

  /** May be taken out of the request, as its other properties. */
  get remainingS(): () => number {
    const { deadlineTimeS = Number.POSITIVE_INFINITY } = this
    return () => deadlineTimeS - steadyNowS()
  }

  /** Made when it is first asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#cancelled) this.#controller.abort()
    }
    return this.#controller.signal
  }

  cancel(): void {
    this.#cancelled = true
    this.#controller?.abort()
  }
}

/** A request that was not answered yet. */
export interface OpenRequest {
  readonly id: number
  readonly request: IncomingRequest
  /** A newer one may take its place, as long as no handler has it. */
  readonly supersede: boolean
  readonly cancel: () => void
}

export function openRequest(engineRequest: EngineRequest): OpenRequest {
  const request = new RequestBytes(engineRequest)
  const { id, supersede = false } = engineRequest
  return { id, request, supersede, cancel: () => request.cancel() }
}

/** Its caller has given up: it must not be begun. The engine tells of its end by itself. */
export function isOverdue({ request }: OpenRequest): boolean {
  return request.remainingS() <= 0
}

import { RmqError } from 'robotmq'
import { openGrootLink } from './links/groot-link.ts'
import { openOpenpiLink } from './links/openpi-link.ts'
import type { LinkOptions, PolicyLink } from './links/policy-link.ts'
import { openRobotmqLink } from './links/robotmq-link.ts'
import type { Actions, FrontName, Observation } from './policy-handler.ts'
import { parsePolicyUrl } from './policy-url.ts'
import { timerMs } from './timer-ms.ts'

export interface PolicyClientOptions {
  /** Seconds to wait for a server that is not up yet. @default 5 */
  readonly timeoutS?: number
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal
  /** The topic that a robotmq server answers on. @default 'inference' */
  readonly topic?: string
  /** openpi's `Api-Key`, GR00T's `api_token`. */
  readonly apiKey?: string
  /** Bytes of an answer from openpi and GR00T; a larger one ends the connection. @default 256 MiB */
  readonly maxPayloadBytes?: number
}

export interface PolicyCallOptions {
  /** Seconds to wait for the answer, a connection that comes back included. @default 10 */
  readonly timeoutS?: number
  /** Aborts the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

const OPENERS: Readonly<Record<FrontName, (address: string, options: LinkOptions) => Promise<PolicyLink>>> = {
  robotmq: openRobotmqLink,
  openpi: openOpenpiLink,
  groot: openGrootLink,
}

/** Calls that may wait for their answer. */
const MAX_CALLS = 16

/** Asks a policy server, whichever dialect it speaks. */
export class PolicyClient {
  readonly url: string
  readonly #link: PolicyLink
  readonly #calls: Set<AbortController>
  #closing: Promise<void> | undefined

  /**
   * Resolves once the server has been met.
   * @param url `openpi://host:8000`, `groot://host:5555`, or robotmq's `tcp://host:port` and `ipc:///path`
   * @throws INVALID_ARGUMENT, TIMEOUT when no server answered within `timeoutS`, UNAUTHORIZED
   */
  static async connect(url: string, options: PolicyClientOptions = {}): Promise<PolicyClient> {
    const { topic = 'inference', apiKey, maxPayloadBytes = 256 * 2 ** 20, timeoutS = 5 } = options
    const { dialect, address } = parsePolicyUrl(url)
    const late = new RmqError('TIMEOUT', `No policy server answered at ${url} within ${timeoutS} s: is it running?`)
    const calls = new Set<AbortController>()
    const link = await withinTime(calls, { ...options, timeoutS }, late, (signal) =>
      OPENERS[dialect](address, { topic, apiKey, maxPayloadBytes, signal }),
    )
    return new PolicyClient(url, link, calls)
  }

  private constructor(url: string, link: PolicyLink, calls: Set<AbortController>) {
    this.url = url
    this.#link = link
    this.#calls = calls
  }

  /** What the server told of its policy: openpi's metadata, GR00T's modality config. */
  get metadata(): Readonly<Record<string, unknown>> {
    return this.#link.metadata
  }

  /**
   * The policy's answer to an observation. It is sent once: a connection that is lost meanwhile fails the call, and the
   * next one goes to the server that came back.
   * @throws REQUEST_FAILED with the server's text, SUPERSEDED, QUEUE_FULL, TIMEOUT, DISCONNECTED, INVALID_ARGUMENT,
   *   MALFORMED_MESSAGE, MESSAGE_TOO_LARGE, OUTCOME_UNKNOWN, CLOSED
   */
  infer(observation: Observation, options: PolicyCallOptions = {}): Promise<Actions> {
    return this.#call(options, (signal) => this.#link.infer(observation, signal))
  }

  /** Tells the policy that a new episode begins. @throws as `infer`; REQUEST_FAILED where the server knows no reset */
  reset(options: PolicyCallOptions = {}): Promise<void> {
    return this.#call(options, (signal) => this.#link.reset(signal))
  }

  /** Ends the connection; calls in flight reject with CLOSED. May be called again. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const call of this.#calls) call.abort(closedError())
      await this.#link.close()
    })()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #call<T>(options: PolicyCallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closedError()
    if (this.#calls.size >= MAX_CALLS) {
      throw new RmqError('QUEUE_FULL', `${MAX_CALLS} calls of this client wait for an answer already: ask less often.`)
    }
    const { timeoutS = 10 } = options
    const late = new RmqError('TIMEOUT', `No answer from ${this.url} within ${timeoutS} s.`)
    return withinTime(this.#calls, { ...options, timeoutS }, late, work)
  }
}

/** Runs `work` with a signal that follows the caller's, and aborts with `late` after the time. */
async function withinTime<T>(
  calls: Set<AbortController>,
  { timeoutS, signal }: { readonly timeoutS: number; readonly signal?: AbortSignal },
  late: RmqError,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (!(typeof timeoutS === 'number' && timeoutS > 0)) {
    throw new RmqError('INVALID_ARGUMENT', `timeoutS must be a number of seconds greater than 0, got ${timeoutS}.`)
  }
  signal?.throwIfAborted()
  const controller = new AbortController()
  const follow = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => controller.abort(late), timerMs(timeoutS))
  calls.add(controller)
  try {
    return await work(controller.signal)
  } finally {
    calls.delete(controller)
    clearTimeout(timer)
    signal?.removeEventListener('abort', follow)
  }
}

function closedError(): RmqError {
  return new RmqError('CLOSED', 'The policy client was closed.')
}

import { RmqError } from 'robotmq'

/** What a policy is asked with: a map of arrays, numbers, texts and further maps. */
export type Observation = Readonly<Record<string, unknown>>

/** What a policy answers: a map such as `{ actions }`. */
export type Actions = Readonly<Record<string, unknown>>

/** The dialect that an observation came in. */
export type FrontName = 'robotmq' | 'openpi' | 'groot'

/** The circumstances of an observation. */
export interface PolicyContext {
  readonly front: FrontName
  /** Tells clients apart: a connection of openpi or GR00T, the name of a robotmq client. */
  readonly client: string
  /** Counts the gateway's observations from 1. */
  readonly sequence: number
  /** When the gateway got it: seconds on this host's steady clock (`steadyClockUs() / 1e6`). */
  readonly receivedAtS: number
  /** Aborted when nobody waits for the answer any more: the client left, or its deadline passed. */
  readonly signal: AbortSignal
}

/** Answers one observation. What it throws reaches the client that asked, and nobody else. */
export type PolicyHandler = (observation: Observation, context: PolicyContext) => Promise<Actions> | Actions

/**
 * Answers several observations at once: as many answers, in the same order. An `Error` in the place of an answer goes to
 * that client alone; one that is thrown goes to all of them.
 */
export type BatchHandler = (
  observations: readonly Observation[],
  contexts: readonly PolicyContext[],
) => Promise<readonly (Actions | Error)[]> | readonly (Actions | Error)[]

export interface BatchOptions {
  /** Observations that are handled together at most. */
  readonly maxSize: number
  /** Seconds that the first observation of a batch waits for others. @default 0.005 */
  readonly windowS?: number
}

/** A handler of several observations at once. Made by `batched()`. */
export class BatchedPolicy {
  readonly handler: BatchHandler
  readonly maxSize: number
  readonly windowS: number

  constructor(handler: BatchHandler, { maxSize, windowS = 0.005 }: BatchOptions) {
    if (typeof handler !== 'function') throw new RmqError('INVALID_ARGUMENT', 'A policy needs a function as handler.')
    if (!Number.isSafeInteger(maxSize) || maxSize < 1) {
      throw new RmqError('INVALID_ARGUMENT', `maxSize must be a whole number of observations, got ${String(maxSize)}.`)
    }
    if (!(windowS >= 0 && windowS < Number.POSITIVE_INFINITY)) {
      throw new RmqError('INVALID_ARGUMENT', `windowS must be a number of seconds, got ${String(windowS)}.`)
    }
    this.handler = handler
    this.maxSize = maxSize
    this.windowS = windowS
  }
}

/**
 * Makes a policy that computes the observations of several clients together.
 * @throws INVALID_ARGUMENT
 */
export function batched(handler: BatchHandler, options: BatchOptions): BatchedPolicy {
  return new BatchedPolicy(handler, options)
}

/** Any policy as one of batches: a handler of single observations has batches of one. */
export function asBatched(policy: PolicyHandler | BatchedPolicy): BatchedPolicy {
  if (policy instanceof BatchedPolicy) return policy
  if (typeof policy !== 'function') throw new RmqError('INVALID_ARGUMENT', 'A policy needs a function as handler.')
  return new BatchedPolicy(async ([observation], [context]) => [await policy(observation!, context!)], {
    maxSize: 1,
    windowS: 0,
  })
}

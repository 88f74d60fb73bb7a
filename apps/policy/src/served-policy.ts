import type { BatchedPolicy, Observation, PolicyHandler } from '@rmq/policy'

/** A policy, and what a gateway has to know of it. */
export interface ServedPolicy {
  readonly policy: PolicyHandler | BatchedPolicy
  /** An observation that it can be warmed up with. */
  readonly warmUp: Observation
  /** What its clients are told. */
  readonly metadata: Readonly<Record<string, unknown>>
}

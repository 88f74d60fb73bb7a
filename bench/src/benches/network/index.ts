import type { Bench } from '../../bench.ts'
import { framesBench } from './frames.ts'
import { latencyBenches } from './latency.ts'
import { pollingBenches } from './polling.ts'
import { rateBench } from './rate.ts'

/** Subscriptions over tcp. */
export const networkBenches: readonly Bench[] = [...latencyBenches, framesBench, rateBench, ...pollingBenches]

import { NDArray } from 'robotmq'
import type { ServedPolicy } from '../served-policy.ts'
import { HORIZON, inferActions } from './infer-actions.ts'
import { parseObservation } from './observation.ts'

const JOINTS = 7

/**
 * The demo's stand-in for a network: `{ image, joints, request? }` to `{ actions }`.
 * @param onRun hears of each request that runs: the number that its asker gave it
 */
export function driftPolicy(onRun: (request: number) => void = () => {}): ServedPolicy {
  return {
    policy: (value) => {
      const { image, joints, request } = parseObservation(value)
      if (request !== undefined) onRun(request)
      return { actions: inferActions(image, joints.data) }
    },
    warmUp: { image: NDArray.zeros([480, 640, 3], 'uint8'), joints: NDArray.zeros([JOINTS], 'float64') },
    metadata: { policy: 'drift', horizon: HORIZON },
  }
}

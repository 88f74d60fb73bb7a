import { type Actions, batched, type Observation } from '@rmq/policy'
import { NDArray } from 'robotmq'
import type { ServedPolicy } from '../served-policy.ts'
import type { StateNetwork } from './state-network.ts'

/**
 * A network as a policy: `{ state }` to `{ actions }`.
 * @param name told to clients
 * @param maxBatch states of several clients that are computed together
 */
export function networkPolicy(network: StateNetwork, name: string, maxBatch: number): ServedPolicy {
  const { stateSize } = network
  return {
    policy: batched((observations) => answer(network, observations), { maxSize: maxBatch, windowS: 0 }),
    warmUp: { state: NDArray.zeros([stateSize], 'float32') },
    metadata: { policy: name, state_size: stateSize },
  }
}

/** A state that is none fails alone. */
async function answer(
  network: StateNetwork,
  observations: readonly Observation[],
): Promise<readonly (Actions | Error)[]> {
  const states = observations.map((observation) => parseState(observation, network.stateSize))
  const actions = await network.infer(states.filter((state) => state instanceof NDArray))
  return states.map((state) => (state instanceof NDArray ? { actions: actions.shift()! } : state))
}

function parseState({ state }: Observation, size: number): NDArray<'float32'> | Error {
  // A program that has no numpy sends a list of numbers.
  const array = Array.isArray(state) ? toArray(state) : state
  if (array instanceof NDArray && array.size === size && (array.is('float32') || array.is('float64'))) {
    return array.astype('float32').reshape(size)
  }
  return new TypeError(`observation.state must be float32 [${size}], got ${describe(state)}`)
}

function toArray(state: readonly unknown[]): NDArray<'float64'> | undefined {
  const isNumbers = (values: readonly unknown[]): values is readonly number[] =>
    values.every((value) => typeof value === 'number')
  return isNumbers(state) ? NDArray.fromData(Float64Array.from(state), 'float64') : undefined
}

function describe(state: unknown): string {
  if (state instanceof NDArray) return `${state.dtype.name} [${state.shape.join(', ')}]`
  return Array.isArray(state) ? `a list of ${state.length}` : typeof state
}

import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '@rmq/app-kit'
import { driftPolicy } from './drift/drift-policy.ts'
import type { ServedPolicy } from './served-policy.ts'

const GO2 = fileURLToPath(new URL('../assets/go2/policy.onnx', import.meta.url))

export interface LoadOptions {
  /** Observations that a network computes together. */
  readonly maxBatch: number
  /** Hears of each request that the drift policy runs. */
  readonly onRun?: (request: number) => void
}

/**
 * A policy by its name: `drift`, `go2`, or the file of a network.
 * @throws UsageError for another name
 */
export async function loadPolicy(name: string, { maxBatch, onRun }: LoadOptions): Promise<ServedPolicy> {
  if (name === 'drift') return driftPolicy(onRun)
  if (name !== 'go2' && !name.endsWith('.onnx')) {
    throw new UsageError(`--policy must be drift, go2 or the path of an .onnx file, got ${name}`)
  }
  // Loaded here: the demo, which has no network, starts without onnxruntime.
  const [{ StateNetwork }, { networkPolicy }] = await Promise.all([
    import('./network/state-network.ts'),
    import('./network/network-policy.ts'),
  ])
  const network = await StateNetwork.load(name === 'go2' ? GO2 : name)
  return networkPolicy(network, name === 'go2' ? name : path.basename(name, '.onnx'), maxBatch)
}

import { readFileSync } from 'node:fs'
import { type NDArray, readNpz } from 'robotmq'

/** States, and what Python's onnxruntime made of them. */
export function readGolden(): Readonly<Record<'states' | 'go2' | 'linear', NDArray<'float32'>>> {
  const arrays = readNpz(readFileSync(new URL('../../testdata/actions.npz', import.meta.url)))
  return arrays as unknown as ReturnType<typeof readGolden>
}

/** The largest difference of any two numbers. */
export function farthest(one: NDArray, other: NDArray): number {
  const [a, b] = [one.astype('float64').data, other.astype('float64').data]
  if (a.length !== b.length) throw new Error(`${a.length} numbers beside ${b.length}`)
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0)
}

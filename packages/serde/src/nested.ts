import { Complex } from './complex.ts'
import type { NumericDTypeName } from './dtype.ts'
import { invalidArgument } from './errors.ts'

/** Elements in arrays of arrays, one level an axis; a bare element is an array of no axes. */
export type Nested<T> = T | readonly Nested<T>[]

/** The shape of nested arrays and their elements in C order. */
export function flatten<T>(nested: Nested<T>): { shape: number[]; elements: T[] } {
  const shape: number[] = []
  for (let level: Nested<T> | undefined = nested; Array.isArray(level); level = level[0]) shape.push(level.length)
  const elements: T[] = []
  const collect = (value: Nested<T>, axis: number): void => {
    if (axis === shape.length) {
      if (Array.isArray(value)) throw ragged(shape)
      elements.push(value as T)
      return
    }
    if (!Array.isArray(value) || value.length !== shape[axis]) throw ragged(shape)
    for (const child of value) collect(child, axis + 1)
  }
  collect(nested, 0)
  return { shape, elements }
}

function ragged(shape: readonly number[]): Error {
  return invalidArgument(`the nested arrays do not form an array of shape [${shape.join(', ')}]`)
}

/** The dtype of elements that came without one: float64 for numbers (also whole ones) and for no elements at all. */
export function inferDType(elements: readonly unknown[]): NumericDTypeName {
  const [first] = elements
  if (typeof first === 'boolean') return 'bool'
  if (typeof first === 'bigint') return 'int64'
  return elements.some((element) => element instanceof Complex) ? 'complex128' : 'float64'
}

import type { NDArray } from './nd-array.ts'

/** Whether two arrays are of one dtype (in whatever byte order) and shape, and hold the same elements. */
export function sameElements(one: NDArray, other: NDArray, equalNaN: boolean): boolean {
  if (one.dtype.name !== other.dtype.name || one.dtype.unit !== other.dtype.unit) return false
  if (one.ndim !== other.ndim || one.shape.some((length, axis) => length !== other.shape[axis])) return false
  const left = one.toContiguous()
  const right = other.toContiguous()
  if (one.dtype.isNumeric && one.dtype.name !== 'float16') return sameNumbers(left.data, right.data, equalNaN)
  const [a, b] = [left.reshape(-1), right.reshape(-1)]
  for (let i = 0; i < a.size; i++) if (!sameElement(a.at(i), b.at(i), equalNaN)) return false
  return true
}

function sameNumbers(one: NDArray['data'], other: NDArray['data'], equalNaN: boolean): boolean {
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (!sameElement(one[i], other[i], equalNaN)) return false
  return true
}

function sameElement(one: unknown, other: unknown, equalNaN: boolean): boolean {
  if (one instanceof Uint8Array) return sameNumbers(one, other as Uint8Array, equalNaN)
  return one === other || (equalNaN && Number.isNaN(one) && Number.isNaN(other))
}

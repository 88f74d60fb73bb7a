import type { NDArray } from '../../src/index.ts'

/** The largest difference of two elements at the same place, Infinity where shapes differ. */
export function largestDifference(one: NDArray, other: NDArray): number {
  if (one.shape.join() !== other.shape.join()) return Infinity
  const left = one.toContiguous().data as Float64Array
  const right = other.toContiguous().data as Float64Array
  let largest = 0
  for (let i = 0; i < left.length; i++) {
    const difference = Math.abs(left[i]! - right[i]!)
    if (!(difference <= largest)) largest = difference
  }
  return largest
}

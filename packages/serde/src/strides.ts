import { invalidArgument } from './errors.ts'

/**
 * One axis of `NDArray.slice`: an index drops the axis, `null` keeps it whole, and `[start, stop, step]` is Python's
 * `start:stop:step`, where each part may be left out or null and negative values count from the end.
 */
export type SliceRange = number | null | readonly [start?: number | null, stop?: number | null, step?: number | null]

/** The number of elements of a shape: 1 for the empty shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1
  for (const length of shape) size *= length
  return size
}

/** Checks a shape given by a caller. */
export function checkShape(shape: readonly number[]): void {
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw invalidArgument(`shape [${shape.join(', ')}] must hold whole numbers, 0 or more`)
    }
  }
  if (!Number.isSafeInteger(sizeOf(shape))) throw invalidArgument(`shape [${shape.join(', ')}] is too large`)
}

/** Steps from one element to the next along each axis, last axis fastest. `unit` is the step of the last. */
export function cOrderSteps(shape: readonly number[], unit: number): number[] {
  const steps = new Array<number>(shape.length)
  let step = unit
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step
    step *= shape[axis]!
  }
  return steps
}

/** As `cOrderSteps`, first axis fastest: the layout of Fortran and MATLAB. */
export function fortranOrderSteps(shape: readonly number[], unit: number): number[] {
  return cOrderSteps(shape.toReversed(), unit).reverse()
}

/** Whether the elements lie one behind the other in C order. Axes of length 1 have no say in it. */
export function isCOrder(shape: readonly number[], steps: readonly number[], unit: number): boolean {
  let expected = unit
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!
    if (length === 0) return true
    if (length !== 1 && steps[axis] !== expected) return false
    expected *= length
  }
  return true
}

/** An index counted from the front; negative ones count from the end. */
export function resolveIndex(index: number, length: number, axis: number): number {
  const resolved = index < 0 ? index + length : index
  if (!Number.isInteger(index) || resolved < 0 || resolved >= length) {
    throw invalidArgument(`index ${index} is out of range for axis ${axis} of length ${length}`)
  }
  return resolved
}

/** Python's `slice(start, stop, step).indices(length)`: where it starts, how many elements, how far apart. */
export function resolveRange(
  [from, to, by]: Exclude<SliceRange, number | null>,
  length: number,
): { start: number; count: number; step: number } {
  const step = by ?? 1
  for (const part of [from ?? 0, to ?? 0, step]) {
    if (!Number.isInteger(part)) throw invalidArgument(`slice bounds and steps are whole numbers, not ${part}`)
  }
  if (step === 0) throw invalidArgument('a slice step of 0 goes nowhere')
  const lowest = step < 0 ? -1 : 0
  const highest = step < 0 ? length - 1 : length
  const clamp = (bound: number) => Math.min(Math.max(bound < 0 ? bound + length : bound, lowest), highest)
  const start = from == null ? (step < 0 ? highest : lowest) : clamp(from)
  const stop = to == null ? (step < 0 ? lowest : highest) : clamp(to)
  return { start, step, count: Math.max(0, Math.ceil((stop - start) / step)) }
}

/** Replaces the one negative length of a shape by what is left of `size`; undefined when it does not fit. */
export function fitShape(shape: readonly number[], size: number): number[] | undefined {
  const open = shape.findIndex((length) => length < 0)
  if (open === -1) return sizeOf(shape) === size ? [...shape] : undefined
  const rest = sizeOf(shape.toSpliced(open, 1))
  if (shape.findLastIndex((length) => length < 0) !== open || rest === 0 || size % rest !== 0) return undefined
  return shape.with(open, size / rest)
}

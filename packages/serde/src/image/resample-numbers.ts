import type { FilterTaps } from './filter-taps.ts'

/** Numbers of any range: those of float32 are rounded to it after each pass, as PIL does; others are kept in full. */
export type Numbers = Float32Array | Float64Array

/** Resizes each of the `lines` of `width` pixels in `source`. */
export function resampleNumberLines<T extends Numbers>(
  source: T,
  lines: number,
  width: number,
  channels: number,
  { starts, counts, weights, stride }: FilterTaps,
): T {
  const pixels = starts.length
  const target = sibling(source, lines * pixels * channels)
  let to = 0
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < pixels; i++) {
      const first = (line * width + starts[i]!) * channels
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0
        for (let tap = 0, from = first + channel; tap < counts[i]!; tap++, from += channels) {
          sum += source[from]! * weights[i * stride + tap]!
        }
        target[to++] = sum
      }
    }
  }
  return target
}

/** Resizes an image of lines of `lineLength` numbers from top to bottom. */
export function resampleNumberColumns<T extends Numbers>(
  source: T,
  lineLength: number,
  { starts, counts, weights, stride }: FilterTaps,
): T {
  const target = sibling(source, starts.length * lineLength)
  const sums = new Float64Array(lineLength)
  for (let line = 0; line < starts.length; line++) {
    sums.fill(0)
    for (let tap = 0; tap < counts[line]!; tap++) {
      const weight = weights[line * stride + tap]!
      const from = (starts[line]! + tap) * lineLength
      for (let i = 0; i < lineLength; i++) sums[i]! += source[from + i]! * weight
    }
    target.set(sums, line * lineLength)
  }
  return target
}

function sibling<T extends Numbers>(source: T, length: number): T {
  return (source instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)) as T
}

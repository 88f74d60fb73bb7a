import type { FilterTaps } from './filter-taps.ts'

/**
 * PIL's arithmetic for 8-bit channels: weights are whole numbers of 2^-22, and lines are rounded to bytes after each of
 * the two passes. Weights are never negative and sum up to 1, so that nothing leaves the range of a byte.
 */
const WEIGHT_BITS = 22
const HALF = 1 << (WEIGHT_BITS - 1)

function fixedPoint({ weights }: FilterTaps): Int32Array {
  return Int32Array.from(weights, (weight) => Math.trunc(0.5 + weight * 2 ** WEIGHT_BITS))
}

/** Resizes each of the `lines` of `width` pixels in `source`. */
export function resampleLines(
  source: Uint8Array,
  lines: number,
  width: number,
  channels: number,
  taps: FilterTaps,
): Uint8Array {
  const { starts, counts, stride } = taps
  const weights = fixedPoint(taps)
  const pixels = starts.length
  const target = new Uint8Array(lines * pixels * channels)
  if (channels === 3) {
    resampleColorLines(source, width, taps, weights, target)
    return target
  }
  let to = 0
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < pixels; i++) {
      const first = (line * width + starts[i]!) * channels
      for (let channel = 0; channel < channels; channel++) {
        let sum = HALF
        for (let tap = 0, from = first + channel; tap < counts[i]!; tap++, from += channels) {
          sum += Math.imul(source[from]!, weights[i * stride + tap]!)
        }
        target[to++] = sum >> WEIGHT_BITS
      }
    }
  }
  return target
}

/** As `resampleLines` for three channels, which are nearly all images: one pass over the weights for the three. */
function resampleColorLines(
  source: Uint8Array,
  width: number,
  { starts, counts, stride }: FilterTaps,
  weights: Int32Array,
  target: Uint8Array,
): void {
  const pixels = starts.length
  for (let to = 0, line = 0; to < target.length; line += width * 3) {
    for (let i = 0; i < pixels; i++, to += 3) {
      let red = HALF
      let green = HALF
      let blue = HALF
      let from = line + starts[i]! * 3
      const end = i * stride + counts[i]!
      for (let tap = i * stride; tap < end; tap++, from += 3) {
        const weight = weights[tap]!
        // `| 0` keeps the compiler from watching for an overflow that cannot be.
        red = (red + Math.imul(source[from]!, weight)) | 0
        green = (green + Math.imul(source[from + 1]!, weight)) | 0
        blue = (blue + Math.imul(source[from + 2]!, weight)) | 0
      }
      target[to] = red >> WEIGHT_BITS
      target[to + 1] = green >> WEIGHT_BITS
      target[to + 2] = blue >> WEIGHT_BITS
    }
  }
}

/** Resizes an image of lines of `lineLength` bytes from top to bottom. */
export function resampleColumns(source: Uint8Array, lineLength: number, taps: FilterTaps): Uint8Array {
  const { starts, counts, stride } = taps
  const weights = fixedPoint(taps)
  const target = new Uint8Array(starts.length * lineLength)
  for (let line = 0; line < starts.length; line++) {
    const first = starts[line]! * lineLength
    const end = line * stride + counts[line]!
    for (let i = 0; i < lineLength; i++) {
      let sum = HALF
      for (let tap = line * stride, from = first + i; tap < end; tap++, from += lineLength) {
        sum = (sum + Math.imul(source[from]!, weights[tap]!)) | 0
      }
      target[line * lineLength + i] = sum >> WEIGHT_BITS
    }
  }
  return target
}

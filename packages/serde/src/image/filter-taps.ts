/** Which pixels of a line make each pixel of a resized line, and how much each counts. */
export interface FilterTaps {
  /** Of each new pixel, the first old one that it is made of. */
  readonly starts: Int32Array
  /** Of each new pixel, how many old ones it is made of. */
  readonly counts: Int32Array
  /** `stride` weights for each new pixel, which sum up to 1; those beyond its count are 0. */
  readonly weights: Float64Array
  readonly stride: number
}

/**
 * Linear interpolation. Where the line shrinks, the triangle widens with the scale, so that no old pixel is missed:
 * this is the bilinear filter of PIL and of training pipelines, not that of OpenCV.
 */
export function bilinearTaps(from: number, to: number): FilterTaps {
  const scale = from / to
  const support = Math.max(scale, 1)
  const taps = emptyTaps(to, Math.ceil(support) * 2 + 1)
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale
    const start = Math.max(Math.trunc(center - support + 0.5), 0)
    const end = Math.min(Math.trunc(center + support + 0.5), from)
    const weight = (at: number) => Math.max(0, 1 - Math.abs((at - center + 0.5) * (1 / support)))
    writeTaps(taps, i, start, end, weight)
  }
  return taps
}

/** The mean of the area that a new pixel covers, where pixels that lie in it partly count partly. */
export function areaTaps(from: number, to: number): FilterTaps {
  const scale = from / to
  const taps = emptyTaps(to, Math.ceil(scale) + 2)
  for (let i = 0; i < to; i++) {
    const low = i * scale
    const high = Math.min(low + scale, from)
    const weight = (at: number) => Math.min(at + 1, high) - Math.max(at, low)
    writeTaps(taps, i, Math.floor(low), Math.ceil(high), weight)
  }
  return taps
}

function emptyTaps(to: number, stride: number): FilterTaps {
  return { starts: new Int32Array(to), counts: new Int32Array(to), weights: new Float64Array(to * stride), stride }
}

function writeTaps(taps: FilterTaps, i: number, start: number, end: number, weight: (at: number) => number): void {
  const { weights, stride } = taps
  let sum = 0
  for (let at = start; at < end; at++) sum += weights[i * stride + at - start] = weight(at)
  for (let tap = 0; tap < end - start; tap++) weights[i * stride + tap]! /= sum
  taps.starts[i] = start
  taps.counts[i] = end - start
}

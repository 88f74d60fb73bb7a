import { invalidArgument } from '../errors.ts'
import type { NDArray } from '../nd-array.ts'
import { sizeOf } from '../strides.ts'

/** The axes of one image, or of a batch of them: `[..., height, width, channels]`, or `[height, width]` for one of grey. */
export interface ImageShape {
  /** The axes before height, or none. */
  readonly batch: readonly number[]
  /** The product of `batch`. */
  readonly count: number
  readonly height: number
  readonly width: number
  readonly channels: number
  /** The axes after width: `[channels]`, or none for `[height, width]`. */
  readonly last: readonly number[]
}

/** @throws INVALID_ARGUMENT when there are fewer than two axes */
export function imageShape({ shape }: NDArray): ImageShape {
  if (shape.length < 2) {
    throw invalidArgument(`an image is [..., height, width, channels] or [height, width], not [${shape.join(', ')}]`)
  }
  const axis = shape.length === 2 ? 0 : shape.length - 3
  const batch = shape.slice(0, axis)
  const last = shape.slice(axis + 2)
  return {
    batch,
    count: sizeOf(batch),
    height: shape[axis]!,
    width: shape[axis + 1]!,
    channels: last[0] ?? 1,
    last,
  }
}

/** Checks a size in pixels that a caller gave. */
export function checkPixels(pixels: { readonly [name: string]: number }, least: 0 | 1): void {
  for (const [name, value] of Object.entries(pixels)) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw invalidArgument(`${name} must be a whole number of pixels, ${least} or more, not ${value}`)
    }
  }
}

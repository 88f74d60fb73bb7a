import type { DTypeName } from '../dtype.ts'
import { invalidArgument } from '../errors.ts'
import type { NDArray } from '../nd-array.ts'

/**
 * Blue, green, red to red, green, blue, or back; a fourth channel stays where it is. A contiguous copy: OpenCV has
 * images of the one kind, policies want the other.
 *
 * @param image `[..., 3]` or `[..., 4]`
 * @throws INVALID_ARGUMENT when the last axis is another
 */
export function bgrToRgb<N extends DTypeName>(image: NDArray<N>): NDArray<N> {
  const channels = image.shape.at(-1)
  if (channels !== 3 && channels !== 4) {
    throw invalidArgument(`the last axis must be 3 or 4 channels, not [${image.shape.join(', ')}]`)
  }
  const swapped = image.copy()
  // The store may hold bigints as well, which are swapped alike.
  const data = swapped.data as Uint8Array
  const unit = data.length / (swapped.size || 1)
  const pixel = unit * channels
  for (let at = 0; at < data.length; at += pixel) {
    for (let i = at; i < at + unit; i++) {
      const blue = data[i]!
      data[i] = data[i + 2 * unit]!
      data[i + 2 * unit] = blue
    }
  }
  return swapped
}

/** Red, green, blue to blue, green, red: see `bgrToRgb`. */
export const rgbToBgr: typeof bgrToRgb = bgrToRgb

/**
 * `[..., height, width, channels]`, as cameras and PIL have it, to `[..., channels, height, width]`, as networks want
 * it: a contiguous array.
 *
 * @throws INVALID_ARGUMENT when there are fewer than three axes
 */
export function hwcToChw<N extends DTypeName>(image: NDArray<N>): NDArray<N> {
  return withLastAxes(image, [2, 0, 1])
}

/**
 * `[..., channels, height, width]` to `[..., height, width, channels]`: a contiguous array.
 *
 * @throws INVALID_ARGUMENT when there are fewer than three axes
 */
export function chwToHwc<N extends DTypeName>(image: NDArray<N>): NDArray<N> {
  return withLastAxes(image, [1, 2, 0])
}

function withLastAxes<N extends DTypeName>(image: NDArray<N>, order: readonly number[]): NDArray<N> {
  const batch = image.ndim - order.length
  if (batch < 0) throw invalidArgument(`an image has three axes, not [${image.shape.join(', ')}]`)
  const axes = [...Array(batch).keys(), ...order.map((axis) => batch + axis)]
  return image.transpose(...axes).toContiguous()
}

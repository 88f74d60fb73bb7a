import type { DTypeName } from '../dtype.ts'
import { invalidArgument } from '../errors.ts'
import type { NDArray } from '../nd-array.ts'
import { checkPixels, imageShape } from './image-shape.ts'

/** A rectangle of pixels. */
export interface CropBox {
  /** Pixels above it. @default 0 */
  readonly top?: number
  /** Pixels left of it. @default 0 */
  readonly left?: number
  readonly height: number
  readonly width: number
}

/**
 * A window on a rectangle of an image, or of each of a batch: nothing is copied.
 *
 * @param image `[..., height, width, channels]` or `[height, width]`
 * @throws INVALID_ARGUMENT when the rectangle reaches out of the image
 */
export function crop<N extends DTypeName>(
  image: NDArray<N>,
  { top = 0, left = 0, height, width }: CropBox,
): NDArray<N> {
  checkPixels({ top, left, height, width }, 0)
  const from = imageShape(image as NDArray)
  if (top + height > from.height || left + width > from.width) {
    const box = `${height}x${width} pixels from (${top}, ${left})`
    throw invalidArgument(`${box} reach out of an image of ${from.height}x${from.width}`)
  }
  return image.slice(...from.batch.map(() => null), [top, top + height], [left, left + width])
}

/**
 * A window on the middle of an image, or of each of a batch; half a pixel goes up and left.
 *
 * @throws INVALID_ARGUMENT when the image is smaller
 */
export function centerCrop<N extends DTypeName>(image: NDArray<N>, height: number, width: number): NDArray<N> {
  checkPixels({ height, width }, 0)
  const from = imageShape(image as NDArray)
  const top = Math.max(0, Math.trunc((from.height - height) / 2))
  const left = Math.max(0, Math.trunc((from.width - width) / 2))
  return crop(image, { top, left, height, width })
}

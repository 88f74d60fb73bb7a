import type { DTypeName } from '../dtype.ts'
import { NDArray } from '../nd-array.ts'
import { checkPixels, imageShape } from './image-shape.ts'
import { type ResizeOptions, resize } from './resize.ts'

/**
 * An image, or each of a batch, made to fit `height` by `width` pixels without distortion, in the middle of zeros: what
 * openpi's `image_tools.resize_with_pad` makes of it. An image of that size is given back as it is.
 *
 * @param image `[..., height, width, channels]` or `[height, width]`
 * @throws INVALID_ARGUMENT as `resize`; also when the image is so narrow that less than a pixel would be left of it
 */
export function resizeWithPad<N extends DTypeName>(
  image: NDArray<N>,
  height: number,
  width: number,
  options?: ResizeOptions,
): NDArray<N> {
  checkPixels({ height, width }, 1)
  const from = imageShape(image as NDArray)
  if (from.height === height && from.width === width) return image
  const ratio = Math.max(from.width / width, from.height / height)
  const resized = resize(image, Math.trunc(from.height / ratio), Math.trunc(from.width / ratio), options)
  const { height: innerHeight, width: innerWidth } = imageShape(resized as NDArray)
  if (innerHeight === height && innerWidth === width) return resized
  const top = Math.trunc((height - innerHeight) / 2)
  const left = Math.trunc((width - innerWidth) / 2)
  const padded = NDArray.zeros([...from.batch, height, width, ...from.last], image.dtype)
  const whole = from.batch.map(() => null)
  padded.slice(...whole, [top, top + innerHeight], [left, left + innerWidth]).assign(resized)
  return padded
}

import { invalidArgument } from '../errors.ts'
import { NDArray } from '../nd-array.ts'

/** What a canvas gives and takes: rows of red, green, blue and opacity. A browser's `ImageData` is one. */
export interface ImageDataLike {
  readonly data: Uint8ClampedArray
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
}

/** The pixels of an `ImageData` as `[height, width, 4]`, on its memory. `slice(null, null, [0, 3])` leaves opacity out. */
export function fromImageData({ data, width, height }: ImageDataLike): NDArray<'uint8'> {
  return NDArray.fromBytes(new Uint8Array(data.buffer, data.byteOffset, data.length), 'uint8', [height, width, 4])
}

/**
 * An image as a canvas takes it, with memory of its own: `new ImageData(data, width, height)`.
 *
 * @param image `[height, width]` or `[height, width, 1]` of grey, `[height, width, 3]` or `[height, width, 4]`
 * @throws INVALID_ARGUMENT when it is none of these
 */
export function toImageData(
  image: NDArray<'uint8'>,
): ImageDataLike & { readonly data: Uint8ClampedArray<ArrayBuffer> } {
  const [height, width, channels = 1] = image.shape
  const known = channels === 1 || channels === 3 || channels === 4
  if (height === undefined || width === undefined || image.ndim > 3 || !known || image.dtype.name !== 'uint8') {
    throw invalidArgument(`a canvas cannot show ${image.dtype} of shape [${image.shape.join(', ')}]`)
  }
  const { data } = image.toContiguous()
  if (channels === 4) return { data: new Uint8ClampedArray(data), width, height }
  const pixels = new Uint8ClampedArray(height * width * 4)
  const green = channels === 3 ? 1 : 0
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    pixels[to] = data[from]!
    pixels[to + 1] = data[from + green]!
    pixels[to + 2] = data[from + 2 * green]!
    pixels[to + 3] = 255
  }
  return { data: pixels, width, height }
}

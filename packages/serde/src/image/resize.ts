import type { DTypeName } from '../dtype.ts'
import type { ElementStore } from '../element-store.ts'
import { invalidArgument } from '../errors.ts'
import { NDArray } from '../nd-array.ts'
import { areaTaps, bilinearTaps, type FilterTaps } from './filter-taps.ts'
import { checkPixels, type ImageShape, imageShape } from './image-shape.ts'
import { resizeNearest } from './nearest.ts'
import { hasOpacity, unweighByOpacity, weighByOpacity } from './opacity.ts'
import { resampleColumns, resampleLines } from './resample-bytes.ts'
import { type Numbers, resampleNumberColumns, resampleNumberLines } from './resample-numbers.ts'

/**
 * - `bilinear`: PIL's, byte for byte, so that an image looks as it did in training; it averages where it shrinks, which
 *   OpenCV's does not
 * - `area`: the mean of the area that a new pixel covers
 * - `nearest`: the pixel under its middle, for any dtype: the one for labels and depth
 */
export type ResizeMethod = 'nearest' | 'area' | 'bilinear'

export interface ResizeOptions {
  /** @default 'bilinear' */
  readonly method?: ResizeMethod
}

/**
 * An image, or each of a batch, stretched to `height` by `width` pixels: a new array.
 *
 * @param image `[..., height, width, channels]` or `[height, width]`; of uint8 with two or four channels, the last is
 *   opacity, by which `bilinear` and `area` weigh the colours
 * @throws INVALID_ARGUMENT when the image or the size is empty, or the dtype cannot be averaged (bool, 64-bit integers,
 *   float16, anything but real numbers)
 */
export function resize<N extends DTypeName>(
  image: NDArray<N>,
  height: number,
  width: number,
  { method = 'bilinear' }: ResizeOptions = {},
): NDArray<N> {
  checkPixels({ height, width }, 1)
  const shape = imageShape(image as NDArray)
  if (shape.height === 0 || shape.width === 0) throw invalidArgument('an image of no pixels cannot be resized')
  const resized = NDArray.zeros([...shape.batch, height, width, ...shape.last], image.dtype)
  if (shape.height === height && shape.width === width) return resized.assign(image)
  const into = resizer(image as NDArray, shape, { height, width }, method)
  const source = image.toContiguous().data as ElementStore
  const target = resized.data as ElementStore
  const sourceLength = source.length / (shape.count || 1)
  const targetLength = target.length / (shape.count || 1)
  for (let i = 0; i < shape.count; i++) {
    const from = source.subarray(i * sourceLength, (i + 1) * sourceLength)
    into(from, target.subarray(i * targetLength, (i + 1) * targetLength))
  }
  return resized
}

type Resizer = (source: ElementStore, target: ElementStore) => void

function resizer({ dtype }: NDArray, from: ImageShape, to: Size, method: ResizeMethod): Resizer {
  if (method === 'nearest') {
    return (source, target) => resizeNearest(source, target, source.length / (from.height * from.width), from, to)
  }
  const tapsOf = TAPS.get(method)
  if (tapsOf === undefined) throw invalidArgument(`'${method}' is no way to resize: nearest, area or bilinear`)
  const passes = passesOf(from, to, tapsOf)
  if (dtype.name === 'uint8') return byteResizer(from.channels, passes)
  const kind = AVERAGED[dtype.name]
  if (kind === undefined) {
    throw invalidArgument(`an image of ${dtype.name} cannot be averaged: use 'nearest', or astype('float32') before`)
  }
  return numberResizer(from.channels, passes, kind)
}

const TAPS: ReadonlyMap<string, (from: number, to: number) => FilterTaps> = new Map([
  ['bilinear', bilinearTaps],
  ['area', areaTaps],
])

/** The dtypes beside uint8 that can be averaged, and whether results have to be rounded. */
const AVERAGED: { readonly [N in DTypeName]?: 'whole' | 'real' } = {
  int8: 'whole',
  int16: 'whole',
  int32: 'whole',
  uint16: 'whole',
  uint32: 'whole',
  float32: 'real',
  float64: 'real',
}

interface Size {
  readonly height: number
  readonly width: number
}

/** Along one axis of an image, which has this size before it. */
interface Pass extends Size {
  readonly axis: 'across' | 'down'
  readonly taps: FilterTaps
}

/** One pass an axis that changes, in PIL's order, which shows in the rounding between the two: the larger cut first. */
function passesOf(from: Size, to: Size, tapsOf: (from: number, to: number) => FilterTaps): Pass[] {
  const cut = from.height - to.height
  const downFirst = cut > 0 && cut > 2 * (from.width - to.width)
  const passes: Pass[] = []
  if (from.width !== to.width) {
    const height = downFirst ? to.height : from.height
    passes.push({ axis: 'across', taps: tapsOf(from.width, to.width), height, width: from.width })
  }
  if (from.height !== to.height) {
    const width = downFirst ? from.width : to.width
    passes.push({ axis: 'down', taps: tapsOf(from.height, to.height), height: from.height, width })
  }
  return downFirst ? passes.reverse() : passes
}

function byteResizer(channels: number, passes: readonly Pass[]): Resizer {
  return (source, target) => {
    let pixels = source as Uint8Array
    if (hasOpacity(channels)) pixels = weighByOpacity(pixels, channels)
    for (const { axis, taps, height, width } of passes) {
      pixels =
        axis === 'across'
          ? resampleLines(pixels, height, width, channels, taps)
          : resampleColumns(pixels, width * channels, taps)
    }
    if (hasOpacity(channels)) unweighByOpacity(pixels, channels)
    ;(target as Uint8Array).set(pixels)
  }
}

function numberResizer(channels: number, passes: readonly Pass[], kind: 'whole' | 'real'): Resizer {
  return (source, target) => {
    let numbers: Numbers = source instanceof Float32Array ? source : Float64Array.from(source as Float64Array)
    for (const { axis, taps, height, width } of passes) {
      numbers =
        axis === 'across'
          ? resampleNumberLines(numbers, height, width, channels, taps)
          : resampleNumberColumns(numbers, width * channels, taps)
    }
    ;(target as Float64Array).set(kind === 'whole' ? numbers.map(Math.round) : numbers)
  }
}

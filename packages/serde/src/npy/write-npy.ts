import { invalidArgument } from '../errors.ts'
import { NDArray } from '../nd-array.ts'
import { StructuredArray } from '../structured/structured-array.ts'
import { writeUtf8 } from '../utf8.ts'
import { dtypeRepr, shapeRepr } from './python-repr.ts'

/** A `.npy` file in two parts, as nobody needs them in one piece but a file. */
export interface NpyParts {
  readonly header: Uint8Array
  /** The elements; the array's own memory where nothing has to be moved. */
  readonly data: Uint8Array
}

/** Where numpy begins the elements: at a multiple of this. */
const ALIGNMENT = 64
/** Room that numpy leaves for a first axis that grows. */
const GROWING_DIGITS = 21

/**
 * An array as the bytes of a `.npy` file, as `numpy.save` writes it: in Fortran order where it lies so.
 *
 * @throws INVALID_ARGUMENT when it is no array
 */
export function writeNpy(array: NDArray | StructuredArray): Uint8Array {
  const { header, data } = npyParts(array)
  const file = new Uint8Array(header.length + data.length)
  file.set(header)
  file.set(data, header.length)
  return file
}

export function npyParts(array: NDArray | StructuredArray): NpyParts {
  if (array instanceof StructuredArray) {
    return { header: npyHeader(dtypeRepr(array.dtype.descr), false, array.shape), data: array.bytes }
  }
  if (!(array instanceof NDArray)) throw invalidArgument('writeNpy takes an NDArray or a StructuredArray')
  const inFortranOrder = array.size > 0 && !array.isContiguous && array.transpose().isContiguous
  const header = npyHeader(dtypeRepr(array.dtype.str), inFortranOrder, array.shape)
  return { header, data: (inFortranOrder ? array.transpose() : array).toBytes() }
}

const CACHED_HEADERS = 64
const LONGEST_CACHED = 1024

/** Headers that were written before: a policy's arrays have the same few all day. */
const headers = new Map<string, Uint8Array>()

function npyHeader(descr: string, inFortranOrder: boolean, shape: readonly number[]): Uint8Array {
  const growing = shape.at(inFortranOrder ? -1 : 0)
  const room = growing === undefined ? 0 : GROWING_DIGITS - String(growing).length
  const order = inFortranOrder ? 'True' : 'False'
  const text = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shapeRepr(shape)}, }${' '.repeat(room)}`
  const known = headers.get(text)
  if (known !== undefined) return known
  const header = headerOf(text)
  if (header.length > LONGEST_CACHED) return header
  if (headers.size === CACHED_HEADERS) headers.clear()
  headers.set(text, header)
  return header
}

function headerOf(text: string): Uint8Array {
  const isLatin1 = /^[\0-\xff]*$/.test(text)
  const bytes = isLatin1 ? Uint8Array.from(text, (char) => char.charCodeAt(0)) : utf8Bytes(text)
  const lengthSize = isLatin1 && paddedSize(2, bytes.length) - 10 <= 0xffff ? 2 : 4
  const size = paddedSize(lengthSize, bytes.length)
  const header = new Uint8Array(size).fill(0x20)
  header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, !isLatin1 ? 3 : lengthSize / 2, 0])
  const view = new DataView(header.buffer)
  if (lengthSize === 2) view.setUint16(8, size - 10, true)
  else view.setUint32(8, size - 12, true)
  header.set(bytes, 8 + lengthSize)
  header[size - 1] = 0x0a
  return header
}

/** With a line feed, and at least one space before it, as numpy pads. */
function paddedSize(lengthSize: number, textLength: number): number {
  const bare = 8 + lengthSize + textLength + 1
  return bare + ALIGNMENT - (bare % ALIGNMENT)
}

function utf8Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3)
  return bytes.subarray(0, writeUtf8(text, bytes, 0))
}

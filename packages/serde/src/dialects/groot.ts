import { invalidArgument, malformed } from '../errors.ts'
import type { ArrayWriter } from '../msgpack/encoder.ts'
import type { ArrayReader } from '../msgpack/reader.ts'
import type { MsgpackWriter } from '../msgpack/writer.ts'
import type { NDArray } from '../nd-array.ts'
import { readNpy } from '../npy/read-npy.ts'
import { npyParts } from '../npy/write-npy.ts'
import type { StructuredArray } from '../structured/structured-array.ts'

const MARKER = '__ndarray_class__'
const CONTENT = 'as_npy'

/** The maps of GR00T's policy server: an array is a `.npy` file. */
export const grootWriter: ArrayWriter = {
  binaryMarkers: new Set(),
  textMarkers: new Set([MARKER]),
  array: writeArray,
  structured: writeArray,
  scalar() {
    throw refused('numpy scalars')
  },
  complex() {
    throw refused('complex numbers')
  },
}

function writeArray(writer: MsgpackWriter, array: NDArray | StructuredArray): void {
  const { header, data } = npyParts(array)
  writer.map(2)
  writer.text(MARKER)
  writer.boolean(true)
  writer.text(CONTENT)
  writer.binaryHeader(header.length + data.length)
  writer.raw(header)
  writer.raw(data)
}

function refused(what: string): Error {
  return invalidArgument(`GR00T carries no ${what}: send an array without axes`)
}

export const grootReader: ArrayReader = {
  fromTextKeys(fields) {
    if (!Object.hasOwn(fields, MARKER)) return undefined
    const content = fields[CONTENT]
    if (!(content instanceof Uint8Array)) throw malformed('an array lacks its .npy file')
    return readNpy(content)
  },
}

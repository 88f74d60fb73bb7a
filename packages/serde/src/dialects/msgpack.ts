import { invalidArgument } from '../errors.ts'
import type { ArrayWriter } from '../msgpack/encoder.ts'
import type { ArrayReader } from '../msgpack/reader.ts'

/** msgpack as it is, which knows bytes but no arrays of numbers. */
export const msgpackWriter: ArrayWriter = {
  binaryMarkers: new Set(),
  textMarkers: new Set(),
  array: () => refuse('arrays of numbers: choose msgpack-numpy, openpi or groot, or send a list'),
  structured: () => refuse('structured arrays: choose msgpack-numpy or groot'),
  scalar: () => refuse('numpy scalars: choose msgpack-numpy or openpi, or send the number'),
  complex: () => refuse('complex numbers: choose msgpack-numpy, or send their parts'),
}

function refuse(what: string): never {
  throw invalidArgument(`plain msgpack carries no ${what}`)
}

export const msgpackReader: ArrayReader = {}

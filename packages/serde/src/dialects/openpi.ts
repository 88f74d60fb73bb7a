import { Complex } from '../complex.ts'
import { invalidArgument, malformed } from '../errors.ts'
import type { ArrayWriter } from '../msgpack/encoder.ts'
import type { ArrayReader } from '../msgpack/reader.ts'
import { Float } from '../python-values.ts'
import { elementType } from '../structured/struct-type.ts'
import { binaryKey } from './key-bytes.ts'
import { NumpyScalar, type ScalarValue } from './numpy-scalar.ts'
import { arrayFromWire } from './wire-array.ts'

const ARRAY = '__ndarray__'
const GENERIC = '__npgeneric__'
const ARRAY_KEY = binaryKey(ARRAY)
const GENERIC_KEY = binaryKey(GENERIC)
const DATA = binaryKey('data')
const DTYPE = binaryKey('dtype')
const SHAPE = binaryKey('shape')

/** The maps of openpi-client 0.1.2, which refuses complex numbers and records as arrays and by themselves. */
export const openpiWriter: ArrayWriter = {
  binaryMarkers: new Set([ARRAY, GENERIC]),
  textMarkers: new Set(),
  array(writer, array) {
    const { kind, str, name } = array.dtype
    if (kind === 'V' || kind === 'c') throw refused(`${name} arrays`)
    const bytes = array.toBytes()
    writer.map(4)
    writer.raw(ARRAY_KEY)
    writer.boolean(true)
    writer.raw(DATA)
    writer.binary(bytes)
    writer.raw(DTYPE)
    writer.text(str)
    writer.raw(SHAPE)
    writer.integers(array.shape)
  },
  structured() {
    throw refused('structured arrays')
  },
  scalar(writer, { dtype, value }) {
    if (value instanceof Complex) throw refused('complex numbers')
    // numpy's float64 is a float to Python, and so to msgpack.
    if (dtype.name === 'float64') {
      writer.float(value as number)
      return
    }
    writer.map(3)
    writer.raw(GENERIC_KEY)
    writer.boolean(true)
    writer.raw(DATA)
    if (typeof value === 'boolean') writer.boolean(value)
    else if (typeof value === 'bigint') writer.bigInteger(value)
    else if (dtype.kind === 'f') writer.float(value)
    else writer.integer(value)
    writer.raw(DTYPE)
    writer.text(dtype.str)
  },
  complex() {
    throw refused('complex numbers')
  },
}

function refused(what: string): Error {
  return invalidArgument(`openpi carries no ${what}: send their parts`)
}

export const openpiReader: ArrayReader = {
  fromBinaryKeys(fields, keepScalars) {
    if (fields.has(ARRAY)) {
      return arrayFromWire({ type: fields.get('dtype'), shape: fields.get('shape'), data: fields.get('data') })
    }
    return fields.has(GENERIC) ? scalarFrom(fields.get('dtype'), fields.get('data'), keepScalars) : undefined
  },
}

/** The dtype's class makes of the value what an array of that dtype makes of an element. */
function scalarFrom(type: unknown, raw: unknown, keepScalars: boolean): ScalarValue | NumpyScalar {
  const dtype = elementType(type)
  const data = raw instanceof Float ? raw.value : raw
  if (!dtype.isNumeric || !['number', 'bigint', 'boolean'].includes(typeof data)) {
    throw malformed(`a scalar of ${dtype} is no number`)
  }
  const value = dtype.kind === 'b' ? Boolean(data) : dtype.kind === 'f' ? Number(data) : data
  const scalar = new NumpyScalar(value as ScalarValue, dtype)
  return keepScalars ? scalar : scalar.value
}

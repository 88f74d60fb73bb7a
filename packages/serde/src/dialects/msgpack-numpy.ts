import type { Complex } from '../complex.ts'
import { invalidArgument, malformed, unsafe } from '../errors.ts'
import type { ArrayWriter } from '../msgpack/encoder.ts'
import type { ArrayReader } from '../msgpack/reader.ts'
import type { MsgpackWriter } from '../msgpack/writer.ts'
import { NDArray } from '../nd-array.ts'
import type { Descr } from '../structured/struct-type.ts'
import { complexText, parseComplex } from './complex-text.ts'
import { binaryKey } from './key-bytes.ts'
import { NumpyScalar, scalarValue } from './numpy-scalar.ts'
import { arrayFromWire } from './wire-array.ts'

const ND = binaryKey('nd')
const TYPE = binaryKey('type')
const KIND = binaryKey('kind')
const SHAPE = binaryKey('shape')
const DATA = binaryKey('data')
const COMPLEX = binaryKey('complex')
const PLAIN_KIND = new Uint8Array(0)
const VOID_KIND = Uint8Array.of('V'.charCodeAt(0))

/** The maps of Python's msgpack-numpy 0.4.8. */
export const msgpackNumpyWriter: ArrayWriter = {
  binaryMarkers: new Set(['nd', 'complex']),
  textMarkers: new Set(),
  array(writer, array) {
    const { kind, str, name } = array.dtype
    if (kind === 'M' || kind === 'm') throw invalidArgument(`msgpack-numpy carries no ${name} arrays: send integers`)
    // numpy lists raw bytes as a structured dtype of one field.
    const type = kind === 'V' ? ([['', str]] as const) : str
    writeArray(writer, type, array.shape, array.toBytes())
  },
  structured: (writer, { dtype, shape, bytes }) => writeArray(writer, dtype.descr, shape, bytes),
  scalar(writer, { dtype, value, bytes }) {
    // numpy's float64 is a float to Python, and so to msgpack.
    if (dtype.name === 'float64') {
      writer.float(value as number)
      return
    }
    writer.map(3)
    writer.raw(ND)
    writer.boolean(false)
    writer.raw(TYPE)
    writer.text(dtype.str)
    writer.raw(DATA)
    writer.binary(bytes)
  },
  complex(writer, value: Complex) {
    writer.map(2)
    writer.raw(COMPLEX)
    writer.boolean(true)
    writer.raw(DATA)
    writer.text(complexText(value))
  },
}

function writeArray(writer: MsgpackWriter, type: string | Descr, shape: readonly number[], bytes: Uint8Array): void {
  writer.map(5)
  writer.raw(ND)
  writer.boolean(true)
  writer.raw(TYPE)
  writeType(writer, type)
  writer.raw(KIND)
  writer.binary(typeof type === 'string' ? PLAIN_KIND : VOID_KIND)
  writer.raw(SHAPE)
  writer.integers(shape)
  writer.raw(DATA)
  writer.binary(bytes)
}

function writeType(writer: MsgpackWriter, type: string | Descr): void {
  if (typeof type === 'string') {
    writer.text(type)
    return
  }
  writer.list(type.length)
  for (const [name, inner, shape] of type) {
    writer.list(shape === undefined ? 2 : 3)
    writer.text(name)
    writeType(writer, inner)
    if (shape !== undefined) writer.integers(shape)
  }
}

export const msgpackNumpyReader: ArrayReader = {
  fromBinaryKeys(fields, keepScalars) {
    if (fields.has('nd')) return fields.get('nd') === true ? arrayFrom(fields) : scalarFrom(fields, keepScalars)
    return fields.has('complex') && fields.has('data') ? complexFrom(fields.get('data')) : undefined
  },
}

/** As in Python, a map that lacks a key of an array is the sender's own. */
function arrayFrom(fields: ReadonlyMap<string, unknown>): unknown {
  const kind = fields.get('kind')
  if (kind instanceof Uint8Array && kind.length === 1 && kind[0] === 'O'.charCodeAt(0)) {
    throw unsafe('object arrays carry pickles')
  }
  if (!(fields.has('type') && fields.has('shape') && fields.has('data'))) return undefined
  return arrayFromWire({ type: typeFrom(fields), shape: fields.get('shape'), data: fields.get('data') })
}

/** Older writers have the dtype as bytes. */
function typeFrom(fields: ReadonlyMap<string, unknown>): unknown {
  const type = fields.get('type')
  return type instanceof Uint8Array ? String.fromCharCode(...type.subarray(0, 100)) : type
}

function scalarFrom(fields: ReadonlyMap<string, unknown>, keepScalars: boolean): unknown {
  if (!(fields.has('type') && fields.has('data'))) return undefined
  const element = arrayFromWire({ type: typeFrom(fields), shape: [], data: fields.get('data') })
  if (!(element instanceof NDArray)) return element.at()
  const value = scalarValue(element)
  return keepScalars && element.dtype.isNumeric ? new NumpyScalar(value, element.dtype) : value
}

function complexFrom(data: unknown): Complex {
  const text = data instanceof Uint8Array ? String.fromCharCode(...data.subarray(0, 100)) : data
  const value = typeof text === 'string' ? parseComplex(text) : undefined
  if (value === undefined) throw malformed('a complex number is not as Python writes it')
  return value
}

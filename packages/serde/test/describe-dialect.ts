import { Complex, Float, NDArray, NumpyScalar, StructuredArray, Tuple } from '../src/index.ts'
import { hex } from './describe.ts'

/** A value as the JSON that `scripts/make-dialect-golden.py` writes for it. */
export function describeDialectValue(value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return { str: value }
  if (typeof value === 'bigint') return { int: String(value) }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? { int: String(value) } : { float: number(value) }
  }
  if (value instanceof Float) return { float: number(value.value) }
  if (value instanceof Complex) return { complex: [number(value.re), number(value.im)] }
  if (value instanceof Date) return { ms: value.getTime() }
  if (value instanceof Uint8Array) return { bytes: hex(value) }
  // Python's float64 is a float, and travels as such.
  if (value instanceof NumpyScalar && value.dtype.name === 'float64') return { float: number(value.value as number) }
  if (value instanceof NumpyScalar) return { scalar: value.dtype.str, bytes: hex(value.bytes) }
  if (value instanceof NDArray) return { array: value.dtype.str, shape: value.shape, bytes: hex(value.toBytes()) }
  if (value instanceof StructuredArray) return describeRecords(value)
  if (ArrayBuffer.isView(value)) return describeDialectValue(NDArray.fromData(value as never))
  if (value instanceof Map) return { dict: [...value].map((entry) => entry.map(describeDialectValue)) }
  if (value instanceof Tuple) return { list: value.items.map(describeDialectValue) }
  if (Array.isArray(value)) return { list: value.map(describeDialectValue) }
  return { dict: Object.entries(value as object).map((entry) => entry.map(describeDialectValue)) }
}

function describeRecords(array: StructuredArray): unknown {
  const records = [array.toNested()].flat(array.shape.length as 1)
  return { records: records.map(plain), names: array.dtype.fields.map(({ name }) => name), shape: array.shape }
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Uint8Array) return hex(value)
  if (typeof value !== 'object' || value === null) return value
  return (Array.isArray(value) ? value : Object.values(value)).map(plain)
}

function number(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

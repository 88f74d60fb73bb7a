import { Complex, DType, deserialize, Float, NDArray, serialize, TorchTensor, Tuple } from '../src/index.ts'

/** A value as the JSON that `scripts/make-golden.py` writes for it. Tuples count as lists: they decode as arrays. */
export function describeValue(value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return { str: value }
  if (typeof value === 'bigint') return { int: String(value) }
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? { int: String(value) } : { float: floatHex(value) }
  }
  if (value instanceof Float) return { float: floatHex(value.value) }
  if (value instanceof Complex) return { complex: [value.re, value.im] }
  if (value instanceof DType) return { dtype: value.str }
  if (value instanceof Uint8Array) return { bytes: hex(value) }
  if (ArrayBuffer.isView(value)) return describeValue(deserialize(serialize(value)))
  if (value instanceof NDArray) return { array: value.dtype.str, shape: value.shape, bytes: hex(value.toBytes()) }
  if (value instanceof TorchTensor) return { tensor: value.dtype, shape: value.shape, bytes: hex(value.data) }
  if (value instanceof Set) return { set: [...value].map(describeValue) }
  if (value instanceof Map) return { dict: [...value].map((entry) => entry.map(describeValue)) }
  if (value instanceof Tuple) return { list: value.items.map(describeValue) }
  if (Array.isArray(value)) return { list: value.map(describeValue) }
  return { dict: Object.entries(value as object).map((entry) => entry.map(describeValue)) }
}

/** A description from Python, with tuples as lists. */
export function withoutTuples(description: unknown): unknown {
  return JSON.parse(JSON.stringify(description).replaceAll('{"tuple":', '{"list":'))
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

function floatHex(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

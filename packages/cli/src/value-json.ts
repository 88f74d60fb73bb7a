import { Complex, NDArray } from 'robotmq'

/**
 * A deserialized value as JSON can tell it: arrays as `{dtype, shape, values}`, bytes as `{base64}`, complex numbers as
 * `{re, im}`; integers beyond 2^53, NaN and the infinities as text; dictionaries whose keys are not all text as pairs.
 */
export function valueJson(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'object':
      return value === null ? null : objectJson(value)
    default:
      return value
  }
}

function objectJson(value: object): unknown {
  if (value instanceof NDArray) {
    return { dtype: value.dtype.name, shape: value.shape, values: valueJson(value.toNested()) }
  }
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') }
  if (value instanceof Complex) return { re: valueJson(value.re), im: valueJson(value.im) }
  if (Array.isArray(value)) return value.map(valueJson)
  if (value instanceof Set) return [...value].map(valueJson)
  if (value instanceof Map) return mapJson(value)
  // Wrappers such as a float that was kept apart from the integers.
  const primitive: unknown = value.valueOf()
  if (typeof primitive !== 'object') return valueJson(primitive)
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, valueJson(entry)]))
}

function mapJson(value: Map<unknown, unknown>): unknown {
  const entries = [...value].map(([key, entry]) => [valueJson(key), valueJson(entry)] as const)
  return entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries) : entries
}

import { invalidArgument } from './errors.ts'

const DTYPES = {
  Int8Array: 'int8',
  Int16Array: 'int16',
  Int32Array: 'int32',
  BigInt64Array: 'int64',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Uint16Array: 'uint16',
  Uint32Array: 'uint32',
  BigUint64Array: 'uint64',
  Float16Array: 'float16',
  Float32Array: 'float32',
  Float64Array: 'float64',
} as const

/** Any typed array, `Buffer` and newer runtimes' `Float16Array` among them. */
export interface TypedArray extends ArrayBufferView {
  readonly [Symbol.toStringTag]: keyof typeof DTYPES
}

/** The dtype of a typed array's elements: `'float32'` for a `Float32Array`. */
export type DTypeOf<T extends TypedArray> = (typeof DTYPES)[T[typeof Symbol.toStringTag]]

export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && Object.hasOwn(DTYPES, (value as TypedArray)[Symbol.toStringTag] ?? '')
}

/** @throws INVALID_ARGUMENT when it is no typed array */
export function dtypeOf<T extends TypedArray>(data: T): DTypeOf<T> {
  if (!isTypedArray(data)) throw invalidArgument('this is no typed array')
  return DTYPES[data[Symbol.toStringTag] as T[typeof Symbol.toStringTag]]
}

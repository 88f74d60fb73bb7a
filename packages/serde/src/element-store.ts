import { type DType, NATIVE_ORDER } from './dtype.ts'

/** The typed array that an NDArray's elements lie in. */
export type ElementStore =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

interface StoreConstructor {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): ElementStore
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ElementStore
}

const STORES: { readonly [letterAndSize: string]: StoreConstructor } = {
  b1: Uint8Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
  f2: Uint16Array,
  f4: Float32Array,
  f8: Float64Array,
  c8: Float32Array,
  c16: Float64Array,
  M8: BigInt64Array,
  m8: BigInt64Array,
}

function constructorFor(type: DType): StoreConstructor {
  return STORES[`${type.kind}${type.itemSize}`] ?? Uint8Array
}

/** Store units an element takes: 2 for complex numbers, the item size for text and raw bytes, else 1. */
export function lanesOf(type: DType): number {
  return type.itemSize / constructorFor(type).BYTES_PER_ELEMENT
}

export function createStore(type: DType, size: number): ElementStore {
  return new (constructorFor(type))(size * lanesOf(type))
}

/** Whether elements of both dtypes are the same bits in a store, so that they can be copied from one to the other. */
export function sameMemoryFormat(one: DType, other: DType): boolean {
  if (one.name !== other.name || one.itemSize !== other.itemSize || one.unit !== other.unit) return false
  return one.byteOrder === other.byteOrder || constructorFor(one).BYTES_PER_ELEMENT > 1
}

/**
 * A store over these bytes, in the machine's byte order: the same memory where alignment and byte order allow, else
 * one copy of it.
 */
export function storeOver(bytes: Uint8Array, type: DType): ElementStore {
  const Store = constructorFor(type)
  const unit = Store.BYTES_PER_ELEMENT
  const foreign = unit > 1 && type.byteOrder !== NATIVE_ORDER
  if (!foreign && bytes.byteOffset % unit === 0) {
    return new Store(bytes.buffer, bytes.byteOffset, bytes.byteLength / unit)
  }
  const store = new Store(bytes.byteLength / unit)
  const copy = bytesOf(store)
  copy.set(bytes)
  if (foreign) swapBytes(copy, unit)
  return store
}

/** The bytes of a store, in the order that the dtype asks for; the same memory where that is the machine's own. */
export function serializedBytes(store: ElementStore, type: DType): Uint8Array {
  const unit = store.BYTES_PER_ELEMENT
  if (unit === 1 || type.byteOrder === NATIVE_ORDER) return bytesOf(store)
  const copy = bytesOf(store).slice()
  swapBytes(copy, unit)
  return copy
}

function bytesOf(store: ElementStore): Uint8Array {
  return new Uint8Array(store.buffer, store.byteOffset, store.byteLength)
}

function swapBytes(bytes: Uint8Array, unit: number): void {
  for (let start = 0; start < bytes.length; start += unit) bytes.subarray(start, start + unit).reverse()
}

import type { Complex } from './complex.ts'

/** What an array of this dtype gives as `data`. Complex numbers lie there as pairs, float16 and text as raw bits. */
export interface DTypeData {
  bool: Uint8Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  uint64: BigUint64Array
  float16: Uint16Array
  float32: Float32Array
  float64: Float64Array
  complex64: Float32Array
  complex128: Float64Array
  datetime64: BigInt64Array
  timedelta64: BigInt64Array
  str: Uint8Array
  bytes: Uint8Array
  void: Uint8Array
  longdouble: Uint8Array
  clongdouble: Uint8Array
}

/** What an array of this dtype gives for one element. */
export interface DTypeElement {
  bool: boolean
  int8: number
  int16: number
  int32: number
  int64: bigint
  uint8: number
  uint16: number
  uint32: number
  uint64: bigint
  float16: number
  float32: number
  float64: number
  complex64: Complex
  complex128: Complex
  datetime64: bigint
  timedelta64: bigint
  str: string
  bytes: Uint8Array
  void: Uint8Array
  longdouble: Uint8Array
  clongdouble: Uint8Array
}

export type DTypeName = keyof DTypeData

/** numpy's numeric dtypes, whose size the name alone tells. */
export type NumericDTypeName = Exclude<DTypeName, SizedDTypeName | 'datetime64' | 'timedelta64'>

/** Dtypes that are kept and passed on, with an item size of their own. */
type SizedDTypeName = 'str' | 'bytes' | 'void' | 'longdouble' | 'clongdouble'

/** numpy's letter for a family of dtypes. */
export type DTypeKind = 'b' | 'i' | 'u' | 'f' | 'c' | 'M' | 'm' | 'U' | 'S' | 'V'

export type ByteOrder = '<' | '>'

/** The byte order of this machine and so of every typed array. */
export const NATIVE_ORDER: ByteOrder = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? '<' : '>'

interface DTypeFields<N extends DTypeName> {
  readonly name: N
  readonly kind: DTypeKind
  readonly itemSize: number
  readonly byteOrder?: ByteOrder
  readonly unit?: string
}

/** The type of an array's elements, as numpy names it. Immutable; made by `dtype()`. */
export class DType<N extends DTypeName = DTypeName> {
  readonly name: N
  readonly kind: DTypeKind
  /** Bytes an element. */
  readonly itemSize: number
  /** The order of the bytes in serialized form; in memory an array is always in the machine's own order. */
  readonly byteOrder: ByteOrder
  /** Of datetime64 and timedelta64: what one tick is, such as `ns` or `25us`; empty when generic. */
  readonly unit: string
  /** numpy's `dtype.str`, such as `<f4`. */
  readonly str: string

  constructor({ name, kind, itemSize, byteOrder = NATIVE_ORDER, unit = '' }: DTypeFields<N>) {
    this.name = name
    this.kind = kind
    this.itemSize = itemSize
    this.byteOrder = byteOrder
    this.unit = unit
    const ordered = kind === 'U' || (itemSize > 1 && kind !== 'S' && kind !== 'V')
    const size = kind === 'U' ? itemSize / 4 : itemSize
    this.str = `${ordered ? byteOrder : '|'}${kind}${size}${unit === '' ? '' : `[${unit}]`}`
  }

  /** Whether its elements are numbers: bool, int, uint, float16 to float64 and complex. */
  get isNumeric(): boolean {
    return NUMERIC_DTYPES.has(this.name as NumericDTypeName)
  }

  toString(): string {
    return this.str
  }
}

const SIZES: { readonly [N in NumericDTypeName]: readonly [kind: DTypeKind, itemSize: number] } = {
  bool: ['b', 1],
  int8: ['i', 1],
  int16: ['i', 2],
  int32: ['i', 4],
  int64: ['i', 8],
  uint8: ['u', 1],
  uint16: ['u', 2],
  uint32: ['u', 4],
  uint64: ['u', 8],
  float16: ['f', 2],
  float32: ['f', 4],
  float64: ['f', 8],
  complex64: ['c', 8],
  complex128: ['c', 16],
}

/** The numeric dtypes in the machine's byte order. */
export const NUMERIC_DTYPES: ReadonlyMap<NumericDTypeName, DType<NumericDTypeName>> = new Map(
  (Object.keys(SIZES) as NumericDTypeName[]).map((name) => {
    const [kind, itemSize] = SIZES[name]
    return [name, new DType({ name, kind, itemSize })]
  }),
)

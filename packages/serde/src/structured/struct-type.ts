import type { DType } from '../dtype.ts'
import { parseDType } from '../dtype-parse.ts'
import { malformed, unsafe } from '../errors.ts'
import { sizeOf } from '../strides.ts'

/**
 * A structured dtype as numpy's `dtype.descr` lists it: name, type and, for a field that is an array, its shape. An
 * unnamed field of raw bytes is padding.
 */
export type Descr = readonly DescrField[]
export type DescrField = readonly [name: string, type: string | Descr, shape?: readonly number[]]

/** One field of a structured dtype. */
export interface StructField {
  readonly name: string
  readonly type: DType | StructType
  /** Lengths of the axes of a field that is an array; else empty. */
  readonly shape: readonly number[]
  /** Bytes from the beginning of the record. */
  readonly offset: number
}

const MAX_FIELDS = 4096
const MAX_DEPTH = 16
const MAX_AXES = 64
const MAX_DTYPE_LENGTH = 64

/** The dtype of records: what C calls a struct. */
export class StructType {
  readonly descr: Descr
  readonly fields: readonly StructField[]
  /** Bytes of a record. */
  readonly itemSize: number

  /** @throws MALFORMED_MESSAGE when numpy could not make a dtype of it; UNSAFE_PAYLOAD when it holds objects */
  constructor(descr: Descr, depth = 0) {
    if (depth > MAX_DEPTH || descr.length > MAX_FIELDS) throw malformed('a structured dtype is too large')
    const fields = new Map<string, StructField>()
    let offset = 0
    for (const [i, [text, inner, shape = []]] of descr.entries()) {
      const type = typeof inner === 'string' ? elementType(inner) : new StructType(inner, depth + 1)
      const isPadding = text === '' && !(type instanceof StructType) && type.name === 'void'
      const name = text === '' ? `f${i}` : text
      if (fields.has(name)) throw malformed(`a structured dtype has two fields ${name}`)
      if (!isPadding) fields.set(name, { name, type, shape, offset })
      offset += type.itemSize * sizeOf(shape)
    }
    if (offset === 0 || !Number.isSafeInteger(offset)) throw malformed('a structured dtype is empty or too large')
    this.descr = descr
    this.fields = [...fields.values()]
    this.itemSize = offset
  }

  toString(): string {
    return JSON.stringify(this.descr)
  }
}

/** A dtype that another program named. */
export function elementType(text: unknown): DType {
  if (typeof text !== 'string' || text.length > MAX_DTYPE_LENGTH) throw malformed('the dtype of an array is no dtype')
  if (/^[<>=|]?O\d*$/.test(text) || text === 'object') throw unsafe('object arrays carry pickles')
  const type = parseDType(text)
  if (type === undefined || type.itemSize === 0) throw malformed(`'${text}' is not a dtype`)
  return type
}

/** Checks that lists, as msgpack and Python literals have them, are a `Descr`: nothing of it is known. */
export function parseDescr(value: unknown, depth = 0): Descr {
  if (!Array.isArray(value) || depth > MAX_DEPTH) throw notADescr()
  return value.map((field: unknown): DescrField => {
    if (!Array.isArray(field) || field.length < 2 || field.length > 3) throw notADescr()
    const name = nameOf(field[0])
    const type = Array.isArray(field[1]) ? parseDescr(field[1], depth + 1) : textOf(field[1])
    return field.length === 2 ? [name, type] : [name, type, parseShape(field[2])]
  })
}

/** @throws MALFORMED_MESSAGE unless it is whole numbers, 0 or more, whose product is a safe integer */
export function parseShape(value: unknown): readonly number[] {
  const shape: unknown = Number.isSafeInteger(value) ? [value] : value
  const isShape = Array.isArray(shape) && shape.length <= MAX_AXES && shape.every(isLength)
  if (!isShape || !Number.isSafeInteger(sizeOf(shape))) throw malformed('the shape of an array is no shape')
  return shape
}

function isLength(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A field may have a title before its name; both numpy 1 and older writers send bytes for text. */
function nameOf(value: unknown): string {
  return textOf(Array.isArray(value) && value.length === 2 ? value[1] : value)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array && value.length <= MAX_DTYPE_LENGTH) return String.fromCharCode(...value)
  throw notADescr()
}

function notADescr(): Error {
  return malformed('the fields of a structured dtype are not as numpy lists them')
}

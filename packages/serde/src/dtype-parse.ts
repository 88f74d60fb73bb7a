import { type ByteOrder, DType, type DTypeName, NATIVE_ORDER, NUMERIC_DTYPES } from './dtype.ts'
import { invalidArgument } from './errors.ts'

/** A dtype, its name, or numpy's short form of it (`'<f4'`, `'u1'`, `'M8[ns]'`). */
export type DTypeLike<N extends DTypeName = DTypeName> = DType<N> | N

/**
 * The dtype of that name, or of that numpy string.
 *
 * @throws INVALID_ARGUMENT when numpy would not know it either, or when its elements are Python objects
 */
export function dtype<N extends DTypeName>(like: DTypeLike<N>): DType<N>
export function dtype(like: DType | string): DType
export function dtype(like: DType | string): DType {
  if (like instanceof DType) return like
  const parsed = parseDType(like)
  if (parsed === undefined || parsed.itemSize === 0) {
    throw invalidArgument(
      `'${String(like)}' is not a dtype: use a name such as 'float32' or numpy's form such as '<f4'`,
    )
  }
  return parsed
}

/**
 * What `numpy.dtype(text)` makes of a string on 64-bit Linux, or undefined where numpy refuses it, where it says
 * no size (`S`) or holds objects. `S0`, `U0` and `V0` are dtypes, but of no array that could be read. Fields of a structured dtype (`'i4,f8'`) are not kept apart: it is `void`.
 * Subarray prefixes (`'2i4'`) are refused.
 */
export function parseDType(text: string): DType | undefined {
  const known = KNOWN.get(text)
  if (known !== undefined) return known
  return text.includes(',') ? parseStruct(text) : (parseSized(text) ?? parseNamed(text))
}

/** C and Python names for the numeric dtypes, and numpy's one-letter codes. */
// biome-ignore format: a table
const ALIASES: { readonly [alias: string]: string } = {
  bool_: 'bool', '?': 'bool',
  byte: 'int8', b: 'int8', short: 'int16', h: 'int16', intc: 'int32', i: 'int32',
  int: 'int64', int_: 'int64', intp: 'int64', long: 'int64', longlong: 'int64', l: 'int64', q: 'int64', p: 'int64', n: 'int64',
  ubyte: 'uint8', B: 'uint8', ushort: 'uint16', H: 'uint16', uintc: 'uint32', I: 'uint32',
  uint: 'uint64', uintp: 'uint64', ulong: 'uint64', ulonglong: 'uint64', L: 'uint64', Q: 'uint64', P: 'uint64', N: 'uint64',
  half: 'float16', e: 'float16', single: 'float32', f: 'float32', float: 'float64', double: 'float64', d: 'float64',
  csingle: 'complex64', F: 'complex64', complex: 'complex128', cdouble: 'complex128', D: 'complex128',
  longdouble: 'f16', float128: 'f16', g: 'f16', clongdouble: 'c32', complex256: 'c32', G: 'c32',
  c: 'S1', M: 'M8', m: 'm8',
}

const SIZED = /^([<>=|]?)(?:([biufcmMSUVa])(\d{1,9}))(?:\[(.+)\])?$/
const LETTER = /^([<>=|])([?bhilqpnBHILQPNefdgFDGcMm])$/
const TIME_NAME = /^(datetime64|timedelta64)(?:\[(.+)\])?$/
const TIME_UNIT = /^\d*(?:Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)$/

const NUMERIC_BY_CODE: ReadonlyMap<string, DType> = new Map(
  [...NUMERIC_DTYPES.values()].map((type) => [`${type.kind}${type.itemSize}`, type]),
)
const KNOWN: ReadonlyMap<string, DType> = new Map(
  [...NUMERIC_DTYPES.values()].flatMap((type) => [
    [type.name, type],
    [type.str, type],
  ]),
)

function parseSized(text: string): DType | undefined {
  const match = SIZED.exec(text)
  if (match === null) return undefined
  const [, mark, letter, digits, unit] = match as unknown as [string, string, string, string, string | undefined]
  const order: ByteOrder = mark === '>' || mark === '<' ? mark : NATIVE_ORDER
  const size = Number(digits)
  if (letter === 'M' || letter === 'm') return size === 8 ? timeDType(letter, unit, order) : undefined
  if (unit !== undefined) return undefined
  if (letter === 'S' || letter === 'a' || letter === 'V' || letter === 'U') {
    return sizedDType(letter === 'a' ? 'S' : letter, size, order)
  }
  if (letter === 'f' && size === 16) return new DType({ name: 'longdouble', kind: 'f', itemSize: 16, byteOrder: order })
  if (letter === 'c' && size === 32)
    return new DType({ name: 'clongdouble', kind: 'c', itemSize: 32, byteOrder: order })
  const numeric = NUMERIC_BY_CODE.get(`${letter}${size}`)
  return numeric === undefined ? undefined : withByteOrder(numeric, order)
}

function sizedDType(kind: 'S' | 'U' | 'V', size: number, byteOrder: ByteOrder): DType {
  if (kind === 'U') return new DType({ name: 'str', kind, itemSize: size * 4, byteOrder })
  return new DType({ name: kind === 'S' ? 'bytes' : 'void', kind, itemSize: size })
}

function timeDType(kind: 'M' | 'm', text: string | undefined, byteOrder: ByteOrder): DType | undefined {
  const unit = text === undefined || text === 'generic' ? '' : text.replace('μ', 'u').replace(/^1(?=\D)/, '')
  if (unit !== '' && !TIME_UNIT.test(unit)) return undefined
  return new DType({ name: kind === 'M' ? 'datetime64' : 'timedelta64', kind, itemSize: 8, byteOrder, unit })
}

function parseNamed(text: string): DType | undefined {
  const time = TIME_NAME.exec(text)
  if (time !== null) return timeDType(time[1] === 'datetime64' ? 'M' : 'm', time[2], NATIVE_ORDER)
  const letter = LETTER.exec(text)
  const alias = Object.hasOwn(ALIASES, letter?.[2] ?? text) ? ALIASES[letter?.[2] ?? text] : undefined
  if (alias === undefined) return undefined
  const type = KNOWN.get(alias) ?? parseSized(alias)
  return letter?.[1] === '>' && type !== undefined ? withByteOrder(type, '>') : type
}

/** `'i4,f8'`: packed fields, whose names and types do not travel. */
function parseStruct(text: string): DType | undefined {
  const fields = text.split(',').map((field) => field.trim())
  let itemSize = 0
  for (const field of fields) {
    const type = parseSized(field) ?? parseNamed(field)
    if (type === undefined) return undefined
    itemSize += type.itemSize
  }
  return new DType({ name: 'void', kind: 'V', itemSize })
}

function withByteOrder(type: DType, byteOrder: ByteOrder): DType {
  if (type.byteOrder === byteOrder || type.str.startsWith('|')) return type
  return new DType({ ...type, byteOrder })
}

import { Complex } from './complex.ts'
import { parseDType } from './dtype-parse.ts'
import { malformed, unsafe } from './errors.ts'
import { NDArray } from './nd-array.ts'
import { PyByteArray, PyDType, PyFloat, PyGlobal, type PyMeaning, PyRange, PySet, PyTuple } from './pickle-values.ts'

/** The globals that legacy payloads use for plain data, with what they mean. */
const MEANINGS: { readonly [name: string]: PyMeaning } = {
  'builtins.complex': ([re, im]) => new Complex(numberFrom(re), numberFrom(im)),
  'builtins.bytearray': ([bytes]) => new PyByteArray(bytesFrom(bytes)),
  'builtins.bytes': ([bytes]) => bytesFrom(bytes),
  'builtins.set': ([items]) => new PySet(listFrom(items)),
  'builtins.frozenset': ([items]) => new PySet(listFrom(items)),
  'builtins.range': ([start, stop, step]) => {
    if (![start, stop, step].every(Number.isSafeInteger) || step === 0) return fail('range')
    return new PyRange(start as number, stop as number, step as number)
  },
  '_codecs.encode': ([text, encoding], budget) => {
    if (typeof text !== 'string' || encoding !== 'latin1') return fail('_codecs.encode')
    budget.chargeBytes(text.length)
    return latin1Bytes(text)
  },
  'numpy.dtype': ([text]) => {
    const type = typeof text === 'string' ? parseDType(text) : undefined
    return new PyDType(type ?? fail('numpy.dtype'))
  },
  'numpy.core.multiarray.scalar': ([dtype, bytes], budget) => {
    if (!(dtype instanceof PyDType && bytes instanceof Uint8Array)) return fail('a numpy scalar')
    budget.chargeBytes(bytes.length)
    return scalar(dtype, bytes)
  },
}

const GLOBALS: ReadonlyMap<string, PyGlobal> = new Map(
  Object.entries(MEANINGS).map(([name, meaning]) => [name, new PyGlobal(name, meaning)]),
)

/** Other names of the same: protocol 2 says `__builtin__`, numpy 2 moved `numpy.core`. */
const MODULES: ReadonlyMap<unknown, string> = new Map([
  ['__builtin__', 'builtins'],
  ['numpy._core.multiarray', 'numpy.core.multiarray'],
])

/** @throws UNSAFE_PAYLOAD naming the global, when it is not one of those above */
export function findGlobal(module: unknown, attribute: unknown): PyGlobal {
  const known = GLOBALS.get(`${MODULES.get(module) ?? String(module)}.${String(attribute)}`)
  if (known !== undefined) return known
  throw unsafe(
    `the payload names ${shortName(module)}.${shortName(attribute)}, which only Python could make, and that might ` +
      "run code: send plain values, numpy arrays and tensors, as robotmq's safe_serialize does",
  )
}

/** `dtype.__setstate__`: (version, byte order, subarray, names, fields, item size, alignment, flags, metadata?). */
export function setDTypeState(dtype: unknown, state: unknown): void {
  if (!(dtype instanceof PyDType)) throw unsafe('the payload sets the state of an object (BUILD), which could run code')
  const [, order, subarray, , , , , , metadata] = state instanceof PyTuple ? state.items : []
  if (typeof order !== 'string' || (subarray !== null && subarray !== undefined)) fail('the state of a dtype')
  const mark = order === '<' || order === '>' ? order : ''
  const type = parseDType(`${mark}${dtype.type.str.slice(1)}${timeUnit(metadata)}`)
  dtype.type = type ?? fail('the state of a dtype')
}

/** Metadata of datetime64 and timedelta64: (…, (unit, count, …)). */
function timeUnit(metadata: unknown): string {
  const unit = metadata instanceof PyTuple ? metadata.items.at(-1) : undefined
  if (!(unit instanceof PyTuple)) return ''
  const [name, count] = unit.items
  if (!(name instanceof Uint8Array) || !Number.isInteger(count)) return fail('the unit of a dtype')
  const text = String.fromCharCode(...name.subarray(0, 8))
  return text === 'generic' ? '' : `[${count === 1 ? '' : count}${text}]`
}

/** A numpy scalar is the one element of an array without axes. */
function scalar({ type }: PyDType, bytes: Uint8Array): unknown {
  if (bytes.length !== type.itemSize) throw malformed(`a numpy scalar of ${type.str} has ${bytes.length} bytes`)
  const element = NDArray.fromBytes(bytes, type, []).at()
  if (typeof element === 'number' && type.kind === 'f' && Number.isInteger(element)) return new PyFloat(element)
  return typeof element === 'bigint' && Number.isSafeInteger(Number(element)) ? Number(element) : element
}

/** No argument at all stands for empty bytes. */
function bytesFrom(value: unknown): Uint8Array {
  if (value === undefined) return new Uint8Array(0)
  return value instanceof Uint8Array ? value : fail('bytes')
}

function listFrom(value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail('a set')
}

function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit > 0xff) return fail('_codecs.encode')
    bytes[i] = unit
  }
  return bytes
}

function numberFrom(value: unknown): number {
  if (value instanceof PyFloat) return value.value
  return typeof value === 'number' ? value : fail('complex')
}

function fail(what: string): never {
  throw malformed(`the arguments of ${what} are not what Python would have written`)
}

function shortName(name: unknown): string {
  const text = String(name)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

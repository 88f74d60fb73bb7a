import { type DType, NUMERIC_DTYPES } from './dtype.ts'
import type { ElementStore } from './element-store.ts'
import { invalidArgument } from './errors.ts'
import { float16ToNumber, numberToFloat16 } from './float16.ts'

/**
 * Writes `source`, real numbers of one dtype, into `target` as those of another: fractions are cut off towards
 * integers, integers wrap around, anything but 0 is true.
 *
 * @throws INVALID_ARGUMENT from or to complex, text, bytes and times, and for NaN or infinity to a 64-bit integer
 */
export function convertElements(source: ElementStore, from: DType, target: ElementStore, to: DType): void {
  for (const type of [from, to]) {
    if (!type.isNumeric || type.kind === 'c') throw invalidArgument(`there is no conversion from ${from} to ${to}`)
  }
  if (from.name === 'float16' && to.name !== 'float16') {
    const widened = Float32Array.from(source as Uint16Array, float16ToNumber)
    convertElements(widened, NUMERIC_DTYPES.get('float32')!, target, to)
    return
  }
  const convert = conversion(from, to)
  if (convert === undefined) {
    ;(target as Float64Array).set(source as Float64Array)
    return
  }
  // Either may hold bigints as well, which the types cannot say.
  const values = source as Float64Array
  const converted = target as Float64Array
  for (let i = 0; i < values.length; i++) converted[i] = convert(values[i]!) as number
}

/** What becomes of one number or bigint; undefined where typed arrays convert as numpy does. */
function conversion(from: DType, to: DType): ((value: number | bigint) => number | bigint) | undefined {
  if (from.name === to.name) return undefined
  const fromBig = isBig(from)
  if (to.kind === 'b') return (value) => (Number(value) === 0 ? 0 : 1)
  if (to.name === 'float16') return (value) => numberToFloat16(Number(value))
  if (isBig(to)) return fromBig ? undefined : (value) => toBigInt(value as number)
  if (!fromBig) return undefined
  return to.kind === 'f' ? Number : (value) => Number(BigInt.asIntN(32, value as bigint))
}

function isBig({ kind, itemSize }: DType): boolean {
  return itemSize === 8 && kind !== 'f'
}

function toBigInt(value: number): bigint {
  if (!Number.isFinite(value)) throw invalidArgument(`${value} is no integer`)
  return BigInt(Math.trunc(value))
}

import type { DType } from './dtype.ts'
import { invalidArgument } from './errors.ts'

type Real = boolean | number | bigint

/**
 * How a real number of one dtype becomes one of another: fractions are cut off towards integers, anything but 0 is true.
 *
 * @throws INVALID_ARGUMENT from or to complex, text, bytes and times
 */
export function converter(from: DType, to: DType): (value: Real) => Real {
  for (const type of [from, to]) {
    if (!type.isNumeric || type.kind === 'c') throw invalidArgument(`there is no conversion from ${from} to ${to}`)
  }
  if (to.kind === 'b') return Boolean
  return to.itemSize === 8 && to.kind !== 'f' ? toBigInt : Number
}

function toBigInt(value: Real): bigint {
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalidArgument(`${value} is no integer`)
  return BigInt(typeof value === 'number' ? Math.trunc(value) : value)
}

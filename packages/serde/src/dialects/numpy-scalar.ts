import type { Complex } from '../complex.ts'
import type { DType, NumericDTypeName } from '../dtype.ts'
import { dtype } from '../dtype-parse.ts'
import { invalidArgument } from '../errors.ts'
import { NDArray } from '../nd-array.ts'
import type { Nested } from '../nested.ts'

/** What an element of a numeric array, taken by itself, is to a program. */
export type ScalarValue = boolean | number | bigint | Complex

/** A number with a numpy dtype, as `np.float32(1.5)` makes it. A number of JavaScript is a Python `int` or `float`. */
export class NumpyScalar {
  readonly value: ScalarValue
  readonly dtype: DType
  /** Its bytes, in the dtype's byte order. */
  readonly bytes: Uint8Array

  /** @throws INVALID_ARGUMENT when the dtype is not numeric, or the value does not suit it */
  constructor(value: ScalarValue, type: DType | NumericDTypeName) {
    this.dtype = dtype(type)
    if (!this.dtype.isNumeric) throw invalidArgument(`a numpy scalar is a number, not ${this.dtype.str}`)
    const array = NDArray.from(value as Nested<unknown>, this.dtype)
    this.value = scalarValue(array)
    this.bytes = array.toBytes()
  }

  valueOf(): ScalarValue {
    return this.value
  }
}

/** The one element of an array without axes: 64-bit integers as a number where that is exact. */
export function scalarValue(array: NDArray): ScalarValue {
  const element = array.at() as ScalarValue
  return typeof element === 'bigint' && Number.isSafeInteger(Number(element)) ? Number(element) : element
}

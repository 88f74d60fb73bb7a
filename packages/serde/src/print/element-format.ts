import type { Complex } from '../complex.ts'
import type { DType } from '../dtype.ts'
import type { FloatName } from './decimal.ts'
import { type Format, floatFormat, floatText } from './float-format.ts'
import { bytesLiteral, rawLiteral, stringLiteral } from './python-literal.ts'
import { dateText, durationText } from './time-text.ts'

/** How the elements that will be shown become text of one width; `alone` where there is only one and no brackets. */
export function elementFormat(type: DType, elements: readonly unknown[], alone: boolean): Format<never> {
  switch (type.name) {
    case 'bool':
      return (value: boolean) => (value ? (alone ? 'True' : ' True') : 'False')
    case 'float16':
    case 'float32':
    case 'float64':
      return floatFormat(elements as number[], type.name)
    case 'complex64':
    case 'complex128':
      return complexFormat(elements as Complex[], partOf(type))
    case 'datetime64':
      return timeFormat(elements as bigint[], (value) => `'${dateText(value, type.unit)}'`)
    case 'timedelta64':
      return timeFormat(elements as bigint[], String)
    case 'str':
    case 'bytes':
    case 'void':
    case 'longdouble':
    case 'clongdouble':
      return type.name === 'str' ? stringLiteral : type.name === 'bytes' ? bytesLiteral : rawLiteral
    default:
      return aligned(elements, String)
  }
}

/** One element as Python's `str` writes it. */
export function elementText(type: DType, element: unknown): string {
  switch (type.name) {
    case 'bool':
      return element === true ? 'True' : 'False'
    case 'float16':
    case 'float32':
    case 'float64':
      return floatText(element as number, type.name)
    case 'complex64':
    case 'complex128':
      return complexText(element as Complex, partOf(type))
    case 'datetime64':
      return element === NOT_A_TIME ? 'NaT' : dateText(element as bigint, type.unit)
    case 'timedelta64':
      return element === NOT_A_TIME ? 'NaT' : durationText(element as bigint, type.unit)
    case 'str':
      return element as string
    case 'bytes':
      return bytesLiteral(element as Uint8Array)
    case 'void':
    case 'longdouble':
    case 'clongdouble':
      return rawLiteral(element as Uint8Array)
    default:
      return String(element)
  }
}

/** numpy's "not a time". */
const NOT_A_TIME = -(2n ** 63n)

function partOf(type: DType): FloatName {
  return type.name === 'complex64' ? 'float32' : 'float64'
}

function aligned<T>(elements: readonly T[], format: Format<T>): Format<T> {
  const width = Math.max(0, ...elements.map((element) => format(element).length))
  return (element) => format(element).padStart(width)
}

function timeFormat(elements: readonly bigint[], format: Format<bigint>): Format<bigint> {
  return aligned(elements, (value) => (value === NOT_A_TIME ? "'NaT'" : format(value)))
}

function complexFormat(elements: readonly Complex[], kind: FloatName): Format<Complex> {
  const real = floatFormat(
    elements.map(({ re }) => re),
    kind,
  )
  const imaginary = floatFormat(
    elements.map(({ im }) => im),
    kind,
    true,
  )
  return ({ re, im }) => real(re) + imaginary(im).replace(/ *$/, 'j$&')
}

function complexText({ re, im }: Complex, kind: FloatName): string {
  const imaginary = `${floatText(im, kind, true)}j`
  if (Object.is(re, 0)) return imaginary
  return `(${floatText(re, kind, true)}${imaginary.startsWith('-') ? '' : '+'}${imaginary})`
}

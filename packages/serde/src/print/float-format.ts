import { type Decimal, type FloatName, roundedToDigits, roundedToPlaces, roundTo, shortestDecimal } from './decimal.ts'

/** How one element becomes text. */
export type Format<T> = (element: T) => string

/** numpy's `precision`: no more digits than these behind the point. */
const PLACES = 8

/** From here on numbers are written with an exponent, by numpy's digits of precision of each kind. */
const LARGE: { readonly [kind in FloatName]: number } = { float16: 1e3, float32: 1e6, float64: 1e8 }
/** The same for a number alone. */
const LARGE_ALONE: { readonly [kind in FloatName]: number } = { ...LARGE, float64: 1e16 }

/**
 * Floats of one width, aligned at their points, with as few digits as tell each from the others of its kind and no more
 * than 8 behind the point. All have an exponent where sizes differ much.
 *
 * @param sign whether positive numbers have a sign
 */
export function floatFormat(values: readonly number[], kind: FloatName, sign = false): Format<number> {
  const finite = values.filter(Number.isFinite)
  const scientific = needsExponent(finite, kind)
  const textOf = remembering((magnitude) => (scientific ? exponential : positional)(magnitude, kind))
  const texts = finite.map((value) => textOf(Math.abs(value)))
  const signed = (value: number) => (value < 0 || Object.is(value, -0) ? '-' : sign ? '+' : '')
  const fraction = longest(texts.map((text) => text.fraction))
  const exponentDigits = longest(texts.map((text) => text.exponent)) - 1
  const right = scientific ? fraction + 2 + exponentDigits : fraction
  let left = longest(texts.map((text, i) => signed(finite[i]!) + text.whole))
  if (finite.length < values.length) {
    const widest = sign || values.includes(-Infinity) ? 4 : 3
    left = Math.max(left, widest - right - 1)
  }
  return (value) => {
    if (Number.isNaN(value)) return `${sign ? '+' : ''}nan`.padStart(left + right + 1)
    if (!Number.isFinite(value)) return `${signed(value)}inf`.padStart(left + right + 1)
    const shortest = textOf(Math.abs(value))
    if (!scientific) {
      return `${(signed(value) + shortest.whole).padStart(left)}.${shortest.fraction.padEnd(right)}`
    }
    // Digits that tell a float from the next are filled up with those that follow in truth, not with zeros.
    const isFull = shortest.fraction.length === fraction
    const text = isFull ? shortest : withExponent(roundedToDigits(Math.abs(value), fraction + 1))
    const exponent = text.exponent[0] + text.exponent.slice(1).padStart(exponentDigits, '0')
    return `${(signed(value) + text.whole).padStart(left)}.${text.fraction.padEnd(fraction, '0')}e${exponent}`
  }
}

/**
 * One float as numpy's scalars print: `1.0`, `1e-05`; without the zero behind the point where `bare`.
 */
export function floatText(value: number, kind: FloatName, bare = false): string {
  if (Number.isNaN(value)) return 'nan'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const magnitude = Math.abs(value)
  if (magnitude === Infinity) return `${sign}inf`
  const decimal = shortestDecimal(magnitude, kind)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= LARGE_ALONE[kind])) {
    const { whole, fraction, exponent } = withExponent(decimal)
    return `${sign}${whole}${fraction === '' ? '' : '.'}${fraction}e${exponent}`
  }
  const { whole, fraction } = withoutExponent(decimal)
  return `${sign}${whole}${fraction === '' && bare ? '' : '.'}${fraction === '' && !bare ? '0' : fraction}`
}

function remembering(make: (magnitude: number) => FloatParts): (magnitude: number) => FloatParts {
  const made = new Map<number, FloatParts>()
  return (magnitude) => {
    const known = made.get(magnitude) ?? make(magnitude)
    made.set(magnitude, known)
    return known
  }
}

function needsExponent(finite: readonly number[], kind: FloatName): boolean {
  let largest = 0
  let smallest = Infinity
  for (const value of finite) {
    const magnitude = Math.abs(value)
    if (magnitude > largest) largest = magnitude
    if (magnitude !== 0 && magnitude < smallest) smallest = magnitude
  }
  if (largest === 0) return false
  return largest >= LARGE[kind] || smallest < roundTo(kind, 1e-4) || roundTo(kind, largest / smallest) > 1000
}

interface FloatParts {
  readonly whole: string
  readonly fraction: string
  /** With its sign and two digits or more; empty where there is none. */
  readonly exponent: string
}

function positional(magnitude: number, kind: FloatName): FloatParts {
  const decimal = shortestDecimal(magnitude, kind)
  const places = decimal.digits.length - 1 - decimal.exponent
  return withoutExponent(places <= PLACES ? decimal : roundedToPlaces(magnitude, PLACES))
}

function exponential(magnitude: number, kind: FloatName): FloatParts {
  const decimal = shortestDecimal(magnitude, kind)
  return withExponent(decimal.digits.length - 1 <= PLACES ? decimal : roundedToDigits(magnitude, PLACES + 1))
}

function withExponent({ digits, exponent }: Decimal): FloatParts {
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return { whole: digits[0]!, fraction: digits.slice(1), exponent: `${exponent < 0 ? '-' : '+'}${size}` }
}

function withoutExponent({ digits, exponent }: Decimal): FloatParts {
  if (exponent < 0) {
    const fraction = digits === '0' ? '' : '0'.repeat(-exponent - 1) + digits
    return { whole: '0', fraction, exponent: '' }
  }
  const padded = digits.padEnd(exponent + 1, '0')
  return { whole: padded.slice(0, exponent + 1), fraction: padded.slice(exponent + 1), exponent: '' }
}

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0)
}

import { float16ToNumber, numberToFloat16 } from '../float16.ts'

/** The kinds of floats that numpy has, which differ in how many digits tell one from the next. */
export type FloatName = 'float16' | 'float32' | 'float64'

/** The nearest number that a float of this kind can hold. */
export function roundTo(kind: FloatName, value: number): number {
  if (kind === 'float64') return value
  return kind === 'float32' ? Math.fround(value) : float16ToNumber(numberToFloat16(value))
}

/** A number, 0 or more, as decimal digits: `digits` with the point after the first, times 10 to the `exponent`. */
export interface Decimal {
  readonly digits: string
  readonly exponent: number
}

/** The shortest decimal that no other float of this kind is nearer to, without zeros at its end. */
export function shortestDecimal(value: number, kind: FloatName): Decimal {
  if (kind === 'float64') return parse(value.toExponential())
  const evenlySpread = !Number.isInteger(Math.log2(value))
  for (let length = 1; ; length++) {
    if (evenlySpread && roundTo(kind, Number(value.toExponential(length - 1))) !== value) continue
    for (const decimal of neighbours(nearest(value, length), value)) {
      if (roundTo(kind, numberOf(decimal)) === value) return trimmed(decimal)
    }
  }
}

/** The nearest decimal that has no digits below `10 ** -places`; `places` may not cut off the first digit. */
export function roundedToPlaces(value: number, places: number): Decimal {
  // More digits than any float needs, so that they do not round up to the next power of ten.
  const { exponent } = parse(value.toExponential(20))
  return roundedToDigits(value, exponent + 1 + places)
}

/** The nearest decimal of so many digits, or fewer. */
export function roundedToDigits(value: number, length: number): Decimal {
  return trimmed(nearest(value, length))
}

/** The nearest decimal of so many digits, ties to even, where JavaScript rounds up. */
function nearest(value: number, length: number): Decimal {
  const rounded = parse(value.toExponential(length - 1))
  if (!isTie(value, length, 8) || !isTie(value, length, 100 - length)) return rounded
  const { digits, exponent } = parse(value.toExponential(length))
  const isEven = Number(digits[length - 1]) % 2 === 0
  return isEven ? { digits: digits.slice(0, length), exponent } : rounded
}

/** Whether a 5 and zeros follow: with few digits to be quick, with 100 to tell a true tie from the floats next to it. */
function isTie(value: number, length: number, more: number): boolean {
  return /^50*$/.test(parse(value.toExponential(length - 1 + more)).digits.slice(length))
}

/**
 * The nearest decimal of as many digits, then the next one up: below a power of two floats lie twice as dense as above,
 * and the nearest decimal may belong to one of those while the next does not.
 */
function neighbours(decimal: Decimal, value: number): Decimal[] {
  if (numberOf(decimal) >= value) return [decimal]
  const next = String(BigInt(decimal.digits) + 1n)
  // Counting up 99 makes it 100, of one digit more.
  return [decimal, { digits: next, exponent: decimal.exponent + next.length - decimal.digits.length }]
}

function parse(exponential: string): Decimal {
  const [mantissa, exponent] = exponential.split('e') as [string, string]
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) }
}

function numberOf({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent - digits.length + 1}`)
}

function trimmed({ digits, exponent }: Decimal): Decimal {
  return { digits: digits.replace(/(?<=.)0+$/, ''), exponent }
}

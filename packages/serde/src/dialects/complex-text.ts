import { Complex } from '../complex.ts'

/** A complex number as Python prints it: `(1+2j)`, `2j`. */
export function complexText({ re, im }: Complex): string {
  const imaginary = floatText(im)
  if (Object.is(re, 0)) return `${imaginary}j`
  return `(${floatText(re)}${imaginary.startsWith('-') ? '' : '+'}${imaginary}j)`
}

/** A float as Python prints it within a complex number: the shortest digits, an exponent below 1e-4 and from 1e16 on. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  if (Object.is(value, -0)) return '-0'
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  return String(value)
}

const FLOAT = String.raw`\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf|nan`
const COMPLEX = new RegExp(`^(?:([+-]?(?:${FLOAT}))(?=[+-]|$))?(?:([+-]?(?:${FLOAT}))j)?$`)
const LONGEST = 64

/** What Python's `complex(text)` gives for text that it has written; undefined for other text. */
export function parseComplex(text: string): Complex | undefined {
  if (text.length > LONGEST) return undefined
  const match = COMPLEX.exec(text.startsWith('(') && text.endsWith(')') ? text.slice(1, -1) : text)
  if (match === null || (match[1] === undefined && match[2] === undefined)) return undefined
  return new Complex(numberFrom(match[1]), numberFrom(match[2]))
}

function numberFrom(text: string | undefined): number {
  return Number(text?.replace('inf', 'Infinity').replace('nan', 'NaN') ?? 0)
}

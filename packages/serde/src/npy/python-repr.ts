import type { Descr } from '../structured/struct-type.ts'

/** A shape as Python prints it: `(2, 3)`, `(4,)`, `()`. */
export function shapeRepr(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
}

/** A dtype as Python prints its description: `'<f4'`, or the list of a structured dtype's fields. */
export function dtypeRepr(type: string | Descr): string {
  if (typeof type === 'string') return textRepr(type)
  const fields = type.map(([name, inner, shape]) => {
    const parts = [textRepr(name), dtypeRepr(inner), ...(shape === undefined ? [] : [shapeRepr(shape)])]
    return `(${parts.join(', ')})`
  })
  return `[${fields.join(', ')}]`
}

/** Not what Python prints as it is: its own backslash, controls, and spaces other than the plain one. */
const ESCAPED = /[\\\p{C}\p{Z}]/gu
const NAMED: { readonly [char: string]: string } = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replace(ESCAPED, (char) => (char === ' ' ? ' ' : (NAMED[char] ?? codeEscape(char))))
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

function codeEscape(char: string): string {
  const code = char.codePointAt(0)!
  const [letter, digits] = code <= 0xff ? ['x', 2] : code <= 0xffff ? (['u', 4] as const) : (['U', 8] as const)
  return `\\${letter}${code.toString(16).padStart(digits as number, '0')}`
}

/** What Python may not print as it is: control characters, unassigned ones, spaces other than the usual one. */
const UNPRINTABLE = /[\p{C}\p{Z}]/u

const ESCAPES: { readonly [char: string]: string } = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A string as Python's `repr` writes it. */
export function stringLiteral(text: string): string {
  const quote = quoteFor(text)
  let literal = quote
  for (const char of text) {
    if (char === quote) literal += `\\${char}`
    else if (char in ESCAPES) literal += ESCAPES[char]
    else if (char !== ' ' && UNPRINTABLE.test(char)) literal += escaped(char.codePointAt(0)!)
    else literal += char
  }
  return literal + quote
}

/** Bytes as Python's `repr` writes them. */
export function bytesLiteral(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes)
  const quote = quoteFor(text)
  let literal = `b${quote}`
  for (const char of text) {
    if (char === quote) literal += `\\${char}`
    else if (char in ESCAPES) literal += ESCAPES[char]
    else if (char < ' ' || char > '~') literal += escaped(char.charCodeAt(0))
    else literal += char
  }
  return literal + quote
}

/** Bytes of no known meaning: each as its number. */
export function rawLiteral(bytes: Uint8Array): string {
  const codes = Array.from(bytes, (byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`)
  return `b'${codes.join('')}'`
}

function quoteFor(text: string): string {
  return text.includes("'") && !text.includes('"') ? '"' : "'"
}

function escaped(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}

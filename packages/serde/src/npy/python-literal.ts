import { malformed } from '../errors.ts'

const MAX_DEPTH = 32
const NUMBER = /[+-]?\d{1,16}/y
const WORD = /[A-Za-z]{1,8}/y
const ESCAPES: { readonly [letter: string]: string } = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' }

/**
 * What a Python literal stands for: dictionaries with text keys as Maps, lists and tuples as arrays, text, whole
 * numbers, booleans and None as null. Nothing is evaluated.
 *
 * @throws MALFORMED_MESSAGE when it is anything else
 */
export function parsePythonLiteral(text: string): unknown {
  const parser = new LiteralParser(text)
  const value = parser.value(0)
  parser.end()
  return value
}

class LiteralParser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw malformed(`a Python literal is nested deeper than ${MAX_DEPTH} levels`)
    switch (this.#next()) {
      case '{':
        return this.#dictionary(depth)
      case '(':
        return this.#sequence(')', depth)
      case '[':
        return this.#sequence(']', depth)
      case "'":
      case '"':
        return this.#string()
      default:
        return this.#wordOrNumber()
    }
  }

  end(): void {
    if (this.#next() !== undefined) throw this.#notALiteral()
  }

  #dictionary(depth: number): Map<string, unknown> {
    const entries = new Map<string, unknown>()
    this.#at++
    while (this.#next() !== '}') {
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw this.#notALiteral()
      this.#expect(':')
      entries.set(key, this.value(depth + 1))
      if (this.#next() !== '}') this.#expect(',')
    }
    this.#at++
    return entries
  }

  #sequence(close: string, depth: number): unknown[] {
    const items: unknown[] = []
    this.#at++
    while (this.#next() !== close) {
      items.push(this.value(depth + 1))
      if (this.#next() !== close) this.#expect(',')
    }
    this.#at++
    return items
  }

  #string(): string {
    const quote = this.#text[this.#at++]!
    let value = ''
    for (;;) {
      const char = this.#text[this.#at++]
      if (char === quote) return value
      if (char === undefined || char === '\n') throw this.#notALiteral()
      value += char === '\\' ? this.#escape() : char
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? ''
    const digits = letter === 'x' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0
    const code = Number.parseInt(this.#text.slice(this.#at, this.#at + digits), 16)
    this.#at += digits
    if (digits > 0 && code <= 0x10ffff) return String.fromCodePoint(code)
    const char = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    if (char === undefined) throw this.#notALiteral()
    return char
  }

  #wordOrNumber(): unknown {
    const number = this.#match(NUMBER)
    if (number !== undefined) {
      // Python 2 marked long integers.
      if (this.#text[this.#at] === 'L') this.#at++
      return Number(number)
    }
    switch (this.#match(WORD)) {
      case 'True':
        return true
      case 'False':
        return false
      case 'None':
        return null
      default:
        throw this.#notALiteral()
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #expect(char: string): void {
    if (this.#next() !== char) throw this.#notALiteral()
    this.#at++
  }

  /** The next character that is no space, or undefined at the end. */
  #next(): string | undefined {
    while (this.#at < this.#text.length && ' \t\r\n'.includes(this.#text[this.#at]!)) this.#at++
    return this.#text[this.#at]
  }

  #notALiteral(): Error {
    return malformed(`a Python literal makes no sense at character ${this.#at}`)
  }
}

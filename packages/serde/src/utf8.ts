import { malformed } from './errors.ts'

// Every runtime that this package targets has these two; the language's own library does not declare them.
declare class TextEncoder {
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number }
}
declare class TextDecoder {
  constructor(label: string, options: { fatal: boolean; ignoreBOM: boolean })
  decode(bytes: Uint8Array): string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Below this many units a loop in JavaScript beats the call into the runtime. */
const SHORT = 48
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Writes a string as UTF-8; lone surrogates are written as Python's `surrogatepass` does, three bytes each.
 *
 * @param target must have room for three bytes a UTF-16 unit from `at` on
 * @returns the position after the last byte
 */
export function writeUtf8(text: string, target: Uint8Array, at: number): number {
  if (text.length > SHORT && !LONE_SURROGATE.test(text)) {
    return at + encoder.encodeInto(text, target.subarray(at)).written
  }
  let end = at
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) {
      target[end++] = unit
      continue
    }
    const codePoint = text.codePointAt(i)!
    if (codePoint > 0xffff) i++
    end = writeCodePoint(codePoint, target, end)
  }
  return end
}

function writeCodePoint(codePoint: number, target: Uint8Array, at: number): number {
  let end = at
  if (codePoint < 0x800) {
    target[end++] = 0xc0 | (codePoint >> 6)
  } else {
    if (codePoint < 0x10000) {
      target[end++] = 0xe0 | (codePoint >> 12)
    } else {
      target[end++] = 0xf0 | (codePoint >> 18)
      target[end++] = 0x80 | ((codePoint >> 12) & 0x3f)
    }
    target[end++] = 0x80 | ((codePoint >> 6) & 0x3f)
  }
  target[end++] = 0x80 | (codePoint & 0x3f)
  return end
}

/**
 * Reads UTF-8, with lone surrogates as `writeUtf8` writes them.
 *
 * @throws MALFORMED_MESSAGE when the bytes are not UTF-8
 */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    let text = ''
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!
      if (byte >= 0x80) return readCodePoints(bytes, start, end)
      text += String.fromCharCode(byte)
    }
    return text
  }
  // A decoder may refuse shared memory, and another thread could change it under its hands.
  const shared = !(bytes.buffer instanceof ArrayBuffer)
  const part = shared ? bytes.slice(start, end) : bytes.subarray(start, end)
  try {
    return decoder.decode(part)
  } catch {
    return readCodePoints(part, 0, part.length)
  }
}

const CHUNK = 4096

function readCodePoints(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  let codePoints: number[] = []
  for (let at = start; at < end; ) {
    const lead = bytes[at]!
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
    if (length === 0 || at + length > end) throw notUtf8(at)
    let codePoint = length === 1 ? lead : lead & (0x7f >> length)
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i]!
      if ((next & 0xc0) !== 0x80) throw notUtf8(at)
      codePoint = (codePoint << 6) | (next & 0x3f)
    }
    if ((length === 3 && codePoint < 0x800) || (length === 4 && (codePoint < 0x10000 || codePoint > 0x10ffff))) {
      throw notUtf8(at)
    }
    codePoints.push(codePoint)
    if (codePoints.length === CHUNK) {
      text += String.fromCodePoint(...codePoints)
      codePoints = []
    }
    at += length
  }
  return text + String.fromCodePoint(...codePoints)
}

function notUtf8(at: number): Error {
  return malformed(`the bytes of a string are not UTF-8 at offset ${at}`)
}

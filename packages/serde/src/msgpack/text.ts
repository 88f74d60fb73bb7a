import { malformed } from '../errors.ts'
import { readUtf8 } from '../utf8.ts'
import { latin1 } from './key-text.ts'

/** Below this many bytes a loop in JavaScript beats the call into the runtime. */
const SHORT = 48

/**
 * Reads UTF-8 as Python's msgpack does, which takes no halves of surrogate pairs.
 *
 * @throws MALFORMED_MESSAGE when the bytes are not UTF-8
 */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  const ascii = end - start <= SHORT ? readAscii(bytes, start, end) : undefined
  if (ascii !== undefined) return ascii
  const text = readUtf8(bytes, start, end)
  if (!text.isWellFormed()) throw malformed('a string holds half a surrogate pair')
  return text
}

/** Eight characters a call: one a call takes twice as long. */
function readAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const char = String.fromCharCode
  let text = ''
  let at = start
  for (; at + 8 <= end; at += 8) {
    const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!]
    const [e, f, g, h] = [bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!]
    if ((a | b | c | d | e | f | g | h) >= 0x80) return undefined
    text += char(a, b, c, d, e, f, g, h)
  }
  if (at + 4 <= end) {
    const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!]
    if ((a | b | c | d) >= 0x80) return undefined
    text += char(a, b, c, d)
    at += 4
  }
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte >= 0x80) return undefined
    text += char(byte)
  }
  return text
}

const CACHED_KEYS = 4096
const LONGEST_CACHED = 32

/** Keys that were read before, by a hash of their bytes: the same few come with every message. */
const cache: (string | undefined)[] = new Array(CACHED_KEYS).fill(undefined)

/** As `readText`, for a key of a map: gives the string that an earlier message had there, where it is the same. */
export function readKey(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST_CACHED) return readText(bytes, start, end)
  const slot = slotOf(bytes, start, end)
  const known = cache[slot]
  if (known !== undefined && isAscii(known, bytes, start, end)) return known
  const text = readText(bytes, start, end)
  cache[slot] = text
  return text
}

/** The text of a binary key, a character a byte, or of its beginning where it is long, as it is only shown. */
export function readBinaryKey(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST_CACHED) return readBinaryKey(bytes, start, start + LONGEST_CACHED)
  const slot = slotOf(bytes, start, end)
  const known = cache[slot]
  if (known !== undefined && isAscii(known, bytes, start, end)) return known
  const text = latin1(bytes.subarray(start, end))
  cache[slot] = text
  return text
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start
  for (let at = start; at < end; at++) hash = (hash * 31 + bytes[at]!) | 0
  return (hash ^ (hash >>> 12)) & (CACHED_KEYS - 1)
}

/** Whether these bytes are this text, and ASCII, as only then the two compare unit by unit. */
function isAscii(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit !== bytes[start + i] || unit >= 0x80) return false
  }
  return true
}

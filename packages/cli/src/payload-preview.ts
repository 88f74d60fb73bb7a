import { printableLine } from './printable.ts'

const TEXT_CHARACTERS = 48
const HEX_BYTES = 16

/** The beginning of a payload on one line: quoted where it is text, else as bytes in hexadecimal. */
export function payloadPreview(data: Uint8Array): string {
  if (data.byteLength === 0) return '(empty)'
  const text = asText(data.subarray(0, 4 * TEXT_CHARACTERS), data.byteLength <= 4 * TEXT_CHARACTERS)
  if (text !== undefined) {
    const characters = [...text]
    const cut = characters.length > TEXT_CHARACTERS || data.byteLength > 4 * TEXT_CHARACTERS
    return `"${printableLine(characters.slice(0, TEXT_CHARACTERS).join('')).replaceAll('"', '\\"')}"${cut ? ' …' : ''}`
  }
  const hex = [...data.subarray(0, HEX_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return data.byteLength > HEX_BYTES ? `${hex} …` : hex
}

/**
 * Bytes as text, or undefined where they are not: invalid UTF-8, or control characters other than white space.
 * @param whole whether the bytes are all there are, so that half a character at their end is an error
 */
export function asText(data: Uint8Array, whole = true): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data, { stream: !whole })
    return /(?![\n\r\t])\p{Cc}/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

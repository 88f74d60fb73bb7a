import { Buffer } from 'node:buffer'

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#'

/** The text of bytes, four to five characters (ZeroMQ RFC 32). */
export function encodeZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  for (let at = 0; at < bytes.byteLength; at += 4) {
    const word = view.getUint32(at)
    for (let place = 85 ** 4; place >= 1; place /= 85) text += DIGITS[Math.floor(word / place) % 85]
  }
  return text
}

/** The bytes of a text; undefined where it is none. */
export function decodeZ85(text: string): Buffer | undefined {
  if (text.length % 5 !== 0) return undefined
  const bytes = Buffer.alloc((text.length / 5) * 4)
  for (let at = 0; at < text.length; at += 5) {
    let word = 0
    for (let index = at; index < at + 5; index++) {
      const digit = DIGITS.indexOf(text[index]!)
      if (digit === -1) return undefined
      word = word * 85 + digit
    }
    if (word > 0xffff_ffff) return undefined
    bytes.writeUInt32BE(word, (at / 5) * 4)
  }
  return bytes
}

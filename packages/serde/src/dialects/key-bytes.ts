/** A short ASCII key as msgpack has it as bytes (`bin`), header and all. */
export function binaryKey(text: string): Uint8Array {
  return Uint8Array.from([0xc4, text.length, ...asciiBytes(text)])
}

/** A short ASCII text as msgpack has it, header and all. */
export function shortText(text: string): Uint8Array {
  return Uint8Array.from([0xa0 | text.length, ...asciiBytes(text)])
}

function asciiBytes(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0))
}

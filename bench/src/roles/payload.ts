const PATTERN = Buffer.from(Array.from({ length: 251 }, (_, i) => i))

/** Bytes that are no constant, for links that would compress. Its twin is python/payload.py. */
export function payloadOf(byteLength: number): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(byteLength)
  Buffer.from(payload.buffer).fill(PATTERN)
  return payload
}

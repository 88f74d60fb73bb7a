/** Bytes that are no constant, for links that would compress. Its twin is python/payload.py. */
export function payloadOf(byteLength: number): Uint8Array {
  return Uint8Array.from({ length: byteLength }, (_, i) => i % 251)
}

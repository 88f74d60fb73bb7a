/** What Node has, and browsers lack: memory without the time that zeros take, a third of writing a camera frame. */
const runtime = globalThis as { readonly Buffer?: { allocUnsafeSlow(byteLength: number): Uint8Array<ArrayBuffer> } }

const WORTH_IT = 4096

/** Bytes with anything in them, all of which the caller writes. */
export function freshBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  if (byteLength < WORTH_IT || runtime.Buffer === undefined) return new Uint8Array(byteLength)
  // Without the pool that other Buffers share, so that the memory can be transferred.
  const { buffer, byteOffset } = runtime.Buffer.allocUnsafeSlow(byteLength)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Below this a port copies faster than it transfers. */
const LEAST_TRANSFERRED_BYTES = 16 * 1024

/** Whether a payload is better copied, into whatever takes it to the other thread. */
export function isSmall(payload: Uint8Array): boolean {
  return payload.byteLength < LEAST_TRANSFERRED_BYTES
}

/** The memory of those payloads that are better transferred than copied. */
export function worthTransferring(payloads: readonly Uint8Array[]): ArrayBuffer[] {
  return payloads.filter((payload) => !isSmall(payload)).map((payload) => payload.buffer as ArrayBuffer)
}

/** What a message costs beside its payload while it waits in a port, in bytes. */
const MESSAGE_BYTES = 512

/** Memory that a put holds until the message thread takes it in. */
export function bytesInPort(payload: Uint8Array): number {
  return payload.byteLength + MESSAGE_BYTES
}

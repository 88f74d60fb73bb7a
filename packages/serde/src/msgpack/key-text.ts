const MAX_LENGTH = 32

/** The text of a short binary key, a character a byte; a long one is cut, as it is only shown. */
export function latin1(key: Uint8Array): string {
  return String.fromCharCode.apply(null, key.subarray(0, MAX_LENGTH) as unknown as number[])
}

import { RmqError } from './errors.ts'

/** @throws INVALID_ARGUMENT for anything but bytes, and for none */
export function requirePayload(data: unknown): asserts data is Uint8Array {
  requireBytes(data, 'A payload')
  if (data.byteLength === 0) throw new RmqError('INVALID_ARGUMENT', 'A payload must not be empty.')
}

/** @throws INVALID_ARGUMENT */
export function requireBytes(data: unknown, what: string): asserts data is Uint8Array {
  if (data instanceof Uint8Array) return
  const got = data === null ? 'null' : typeof data === 'object' ? data.constructor?.name : typeof data
  throw new RmqError(
    'INVALID_ARGUMENT',
    `${what} must be bytes (Uint8Array), got ${got}: serialize(value) makes bytes.`,
  )
}

/** @throws INVALID_ARGUMENT for anything but a whole number of 32 bits */
export function parseCount(n: unknown): number {
  if (typeof n === 'number' && n === (n | 0)) return n
  throw new RmqError(
    'INVALID_ARGUMENT',
    `n must be a whole number (n > 0 the oldest n, n < 0 the newest |n|, 0 all records), got ${String(n)}.`,
  )
}

/** @throws INVALID_ARGUMENT for anything but a number above 0 */
export function requireTimeout(timeoutS: unknown, name = 'timeoutS'): asserts timeoutS is number {
  if (typeof timeoutS === 'number' && timeoutS > 0) return
  throw new RmqError('INVALID_ARGUMENT', `${name} must be a number of seconds greater than 0, got ${String(timeoutS)}.`)
}

/** @throws INVALID_ARGUMENT for a capture time that is not a finite number */
export function captureStamp(captureTimeS: unknown): { readonly captureTimeS?: number } {
  if (captureTimeS === undefined) return {}
  if (typeof captureTimeS === 'number' && Number.isFinite(captureTimeS)) return { captureTimeS }
  throw new RmqError(
    'INVALID_ARGUMENT',
    `captureTimeS must be a finite number of seconds, got ${String(captureTimeS)}.`,
  )
}

/** @throws MESSAGE_TOO_LARGE for a record that its topic can never hold */
export function requireFits(data: Uint8Array, topic: string, maxBytes: number): void {
  if (data.byteLength <= maxBytes) return
  throw new RmqError(
    'MESSAGE_TOO_LARGE',
    `A record of ${data.byteLength} bytes is over the limit of topic "${topic}", ${maxBytes} bytes: raise its maxBytes.`,
  )
}

/** @throws INVALID_ARGUMENT for anything but a whole number of bytes from 1 to `most` */
export function requireByteLength(byteLength: unknown, most: number): asserts byteLength is number {
  if (Number.isSafeInteger(byteLength) && (byteLength as number) > 0 && (byteLength as number) <= most) return
  throw new RmqError(
    'INVALID_ARGUMENT',
    `byteLength must be a whole number of bytes from 1 to ${most}, got ${String(byteLength)}.`,
  )
}

import { RmqError, type RmqErrorCode } from 'robotmq'

const CODES: Readonly<Record<string, RmqErrorCode>> = {
  EADDRINUSE: 'ENDPOINT_IN_USE',
  EACCES: 'PERMISSION_DENIED',
  EPERM: 'PERMISSION_DENIED',
}

/** What kept an address from being bound, in our codes. */
export function bindError(address: string, cause: unknown): RmqError {
  if (RmqError.isInstance(cause)) return cause
  const { code = '', message = String(cause) } = (cause ?? {}) as { code?: string; message?: string }
  return new RmqError(CODES[code] ?? 'INVALID_ARGUMENT', `${address} cannot be bound: ${message}.`, { cause })
}

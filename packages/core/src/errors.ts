/** What went wrong, as a word that programs can test. */
export type RmqErrorCode =
  | 'TOPIC_NOT_FOUND'
  | 'TOPIC_EXISTS'
  | 'TIMEOUT'
  | 'STALE'
  | 'SUPERSEDED'
  | 'DISCONNECTED'
  | 'CLOSED'
  | 'INVALID_ARGUMENT'
  | 'MALFORMED_MESSAGE'
  | 'MESSAGE_TOO_LARGE'
  | 'REQUEST_FAILED'
  | 'NO_SPACE'
  | 'PERMISSION_DENIED'
  | 'UNAUTHORIZED'
  | 'ENDPOINT_IN_USE'
  | 'QUEUE_FULL'
  | 'QUEUE_EMPTY'
  | 'LEASE_LIMIT'
  | 'STALLED'
  | 'CORRUPT'
  | 'VERSION_MISMATCH'
  | 'UNSAFE_PAYLOAD'
  | 'OUTCOME_UNKNOWN'
  | 'UNSUPPORTED'
  | 'NATIVE_ADDON_MISSING'

const BRAND = Symbol.for('@rmq/error')

/** The one error class of robotmq. `code` says what happened, `message` what to do about it. */
export class RmqError extends Error {
  override readonly name = 'RmqError'
  readonly code: RmqErrorCode

  constructor(code: RmqErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True for an `RmqError` of any installed copy of the packages, which `instanceof` is not. */
  static isInstance(value: unknown): value is RmqError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true
  }
}

/** The text of anything that was thrown. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

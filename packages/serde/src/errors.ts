/** What went wrong in this package, as a word that programs can test. */
export type SerdeErrorCode = 'INVALID_ARGUMENT' | 'MALFORMED_MESSAGE' | 'MESSAGE_TOO_LARGE' | 'UNSAFE_PAYLOAD'

const BRAND = Symbol.for('@rmq/error')

/**
 * The error class of robotmq. `code` says what happened, `message` what to do about it. The brand is shared with the
 * other packages' error class, so that `isInstance` of either recognises both.
 */
export class RmqError extends Error {
  override readonly name = 'RmqError'
  readonly code: string

  constructor(code: SerdeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True for an `RmqError` of any installed copy of the packages, which `instanceof` is not. */
  static isInstance(value: unknown): value is RmqError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true
  }
}

export function invalidArgument(message: string): RmqError {
  return new RmqError('INVALID_ARGUMENT', message)
}

export function malformed(message: string, cause?: unknown): RmqError {
  return new RmqError('MALFORMED_MESSAGE', message, cause === undefined ? undefined : { cause })
}

export function unsafe(message: string): RmqError {
  return new RmqError('UNSAFE_PAYLOAD', message)
}

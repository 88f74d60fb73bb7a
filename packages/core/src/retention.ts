import { RmqError } from './errors.ts'

/** How long a topic keeps its records. */
export interface Retention {
  /** Records older than this, in seconds, are gone for every reader. Infinity keeps them. */
  readonly messageRemainingTimeS: number
  /** The newest this many records stay whatever their age. */
  readonly keepLast: number
  /** The oldest records leave when there are more. */
  readonly maxRecords: number
  /** The oldest records leave when all together hold more bytes; a single larger record is refused. */
  readonly maxBytes: number
}

/** What `addTopic` takes. */
export interface RetentionOptions {
  /** Seconds that a record stays readable; greater than 0, Infinity allowed. */
  readonly messageRemainingTimeS: number
  /** The newest records that stay whatever their age. @default 0 */
  readonly keepLast?: number
  /** @default 1,048,576 */
  readonly maxRecords?: number
  /** @default 1 GiB */
  readonly maxBytes?: number
}

const DEFAULT_MAX_RECORDS = 2 ** 20
const DEFAULT_MAX_BYTES = 2 ** 30

/** @throws INVALID_ARGUMENT naming the option that is not a positive number */
export function parseRetention(options: RetentionOptions): Retention {
  if (typeof options !== 'object' || options === null) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      'A topic needs options: { messageRemainingTimeS: 10 } keeps records for 10 s.',
    )
  }
  const {
    messageRemainingTimeS,
    keepLast = 0,
    maxRecords = DEFAULT_MAX_RECORDS,
    maxBytes = DEFAULT_MAX_BYTES,
  } = options
  if (!(typeof messageRemainingTimeS === 'number' && messageRemainingTimeS > 0)) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      `messageRemainingTimeS must be a number of seconds greater than 0, got ${String(messageRemainingTimeS)}.`,
    )
  }
  requireInteger('keepLast', keepLast, 0)
  requireInteger('maxRecords', maxRecords, 1)
  requireInteger('maxBytes', maxBytes, 1)
  if (keepLast > maxRecords) {
    throw new RmqError('INVALID_ARGUMENT', `keepLast (${keepLast}) must not exceed maxRecords (${maxRecords}).`)
  }
  return { messageRemainingTimeS, keepLast, maxRecords, maxBytes }
}

function requireInteger(name: string, value: unknown, least: number): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new RmqError('INVALID_ARGUMENT', `${name} must be a whole number of at least ${least}, got ${String(value)}.`)
  }
}

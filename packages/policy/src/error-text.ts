import { RmqError, type RmqErrorCode } from 'robotmq'

/** Codes that travel in the text of an error, since no dialect has a place for them. */
const CODES: ReadonlySet<string> = new Set<RmqErrorCode>([
  'CLOSED',
  'INVALID_ARGUMENT',
  'MALFORMED_MESSAGE',
  'MESSAGE_TOO_LARGE',
  'PERMISSION_DENIED',
  'QUEUE_FULL',
  'SUPERSEDED',
  'TIMEOUT',
  'UNAUTHORIZED',
  'UNSAFE_PAYLOAD',
  'UNSUPPORTED',
])
const CODED = /^RmqError \[([A-Z_]+)\]: ([\s\S]*)/m

/** A thrown value as a line: `RmqError [SUPERSEDED]: …`, `TypeError: …`. */
export function errorLine(thrown: unknown): string {
  if (RmqError.isInstance(thrown)) return `RmqError [${thrown.code}]: ${thrown.message}`
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
}

/** As openpi's servers tell: where it was thrown, and the error as the last line. */
export function traceback(thrown: unknown): string {
  const calls = RmqError.isInstance(thrown) || !(thrown instanceof Error) ? [] : callsOf(thrown)
  return ['Traceback (most recent call last):', ...calls, errorLine(thrown)].join('\n')
}

/** The innermost call last, as in Python. */
function callsOf({ stack = '' }: Error): string[] {
  return stack
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .map((line) => `  ${line.trim()}`)
    .reverse()
}

/** What a server's text says went wrong, with the code that it named, or else REQUEST_FAILED. */
export function parseErrorText(text: string): RmqError {
  const [, code, message] = CODED.exec(text) ?? []
  if (code !== undefined && CODES.has(code)) return new RmqError(code as RmqErrorCode, message!)
  return new RmqError('REQUEST_FAILED', text)
}

import { InvalidArgumentError } from 'commander'

/** Timers of JavaScript end at 2^31 ms: a longer wait would be none. */
const MAX_SECONDS = 2_000_000

/** A number of seconds to wait. */
export function seconds(text: string): number {
  const value = positiveNumber(text)
  if (value > MAX_SECONDS) throw new InvalidArgumentError(`At most ${MAX_SECONDS} seconds.`)
  return value
}

export function positiveNumber(text: string): number {
  const value = decimal(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number greater than 0.')
  return value
}

export function positiveInteger(text: string): number {
  const value = decimal(text)
  if (!(Number.isSafeInteger(value) && value > 0)) {
    throw new InvalidArgumentError('It must be a whole number greater than 0.')
  }
  return value
}

/** Which records: see `peekData`. */
export function recordCount(text: string): number {
  const value = decimal(text)
  if (value !== (value | 0)) {
    throw new InvalidArgumentError(
      'It must be a whole number: 3 is the oldest three records, -3 the newest three, 0 all.',
    )
  }
  return value
}

/** Makes of an option that may be repeated a list of its values. */
export function repeated<Value>(
  parse: (text: string) => Value,
): (text: string, previous?: readonly Value[]) => readonly Value[] {
  return (text, previous = []) => [...previous, parse(text)]
}

/** NaN for anything but a plain decimal number: JavaScript would read `` as 0 and `0x10` as 16. */
function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
}

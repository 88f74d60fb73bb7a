import { UsageError } from './program.ts'

/** @throws UsageError for anything but a number above 0 */
export function positiveNumber(name: string, text: string | boolean | undefined): number {
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN
  if (value > 0 && Number.isFinite(value)) return value
  throw new UsageError(`--${name} must be a number greater than 0, got ${String(text)}`)
}

/** @throws UsageError for anything but a whole number above 0 */
export function positiveInteger(name: string, text: string | boolean | undefined): number {
  const value = positiveNumber(name, text)
  if (Number.isInteger(value)) return value
  throw new UsageError(`--${name} must be a whole number, got ${String(text)}`)
}

/** @throws UsageError when the option is missing */
export function required(name: string, text: string | boolean | undefined): string {
  if (typeof text === 'string' && text !== '') return text
  throw new UsageError(`--${name} is missing`)
}

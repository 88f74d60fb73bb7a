import { Complex } from './complex.ts'
import { invalidArgument, RmqError, type SerdeErrorCode } from './errors.ts'

/** The error for a value that cannot travel; `path` is the keys and indices from the root to it. */
export function refusal(path: readonly unknown[], reason: string): RmqError {
  return invalidArgument(`${pathText(path)}: ${reason}`)
}

/**
 * What went wrong at a place within a message, now with the path to it: for errors that come from where nothing is
 * known of the message around. Other errors, and those about the root, stay as they are.
 */
export function atPath(path: readonly unknown[], error: unknown): unknown {
  if (!(error instanceof RmqError) || path.length === 0) return error
  const { code, message, cause } = error
  return new RmqError(code as SerdeErrorCode, `${pathText(path)}: ${message}`, cause === undefined ? {} : { cause })
}

/** Why a value of this type cannot travel, and what to send instead. */
export function whyNot(value: unknown): string {
  if (value === undefined) return 'undefined has no counterpart in Python: leave the property out, or send null'
  if (value instanceof Complex) return 'complex numbers cannot travel: send their parts'
  if (value instanceof Set) return 'a Set cannot travel: send an array'
  if (value instanceof ArrayBuffer || value instanceof DataView) return 'wrap the buffer in a Uint8Array to send bytes'
  const kind =
    typeof value === 'object' ? `an instance of ${value?.constructor?.name ?? 'a class'}` : `a ${typeof value}`
  return `${kind} cannot travel: send plain objects, arrays, Maps, strings, numbers, booleans, null, bytes and NDArrays`
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** `observation.images[2]`, or `value` for the root. */
function pathText(path: readonly unknown[]): string {
  const text = path.map((part) => {
    if (typeof part !== 'string') return `[${String(part)}]`
    return IDENTIFIER.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`
  })
  return text.length === 0 ? 'value' : text.join('').replace(/^\./, '')
}

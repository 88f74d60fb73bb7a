import { RmqError } from '@rmq/core'

/** A misspelt option must not leave a door open. @throws INVALID_ARGUMENT */
export function requireKnownOptions(security: unknown, names: readonly string[]): void {
  if (typeof security !== 'object' || security === null) {
    throw new RmqError('INVALID_ARGUMENT', `security must be an object with some of ${names.join(', ')}.`)
  }
  const unknown = Object.keys(security).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new RmqError('INVALID_ARGUMENT', `security has no option "${unknown}": there are ${names.join(', ')}.`)
}

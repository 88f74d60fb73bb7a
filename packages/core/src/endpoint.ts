import { RmqError } from './errors.ts'
import type { Transport } from './transport.ts'

/** @throws INVALID_ARGUMENT where no transport speaks the endpoint's scheme */
export function transportFor(endpoint: unknown, transports: readonly Transport[]): Transport {
  const schemes = transports.flatMap((transport) => transport.schemes)
  const known = schemes.map((scheme) => `${scheme}://`).join(', ')
  if (typeof endpoint !== 'string') {
    throw new RmqError('INVALID_ARGUMENT', `An endpoint must be a string that begins with one of ${known}.`)
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/./.exec(endpoint)?.[1]
  const transport = transports.find((candidate) => candidate.schemes.includes(scheme ?? ''))
  if (transport === undefined) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      `Endpoint "${endpoint}" is not understood: it must begin with one of ${known}.`,
    )
  }
  return transport
}

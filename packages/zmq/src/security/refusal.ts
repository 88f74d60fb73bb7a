import { RmqError } from '@rmq/core'
import { parseEndpoint } from '../endpoint-syntax.ts'
import type { ClientKeys } from './client-keys.ts'
import { readMechanism } from './greeting.ts'
import { tryHandshake } from './handshake.ts'

const WITHIN_MS = 1000

export interface Refusal {
  readonly error: RmqError
  /** False: a server that is busy, or a bad connection, would look the same for a while. */
  readonly certain: boolean
}

/** Why a server does not take this client; undefined where it does, or is not there. */
export async function findRefusal(endpoint: string, keys: ClientKeys): Promise<Refusal | undefined> {
  const parsed = parseEndpoint(endpoint, 'connect')
  const own = keys.curveServerKey === undefined ? 'NULL' : 'CURVE'
  const theirs = await readMechanism(parsed, WITHIN_MS)
  if (theirs === undefined) return undefined
  if (theirs !== own) return unauthorized(endpoint, mismatch(theirs))
  switch (await tryHandshake(endpoint, parsed, keys, WITHIN_MS)) {
    case 'refused':
      return unauthorized(
        endpoint,
        "this client's public key is not among its security.clients, or this machine's address not among its allowedIps",
      )
    case 'broken':
      return own === 'NULL' ? undefined : unauthorized(endpoint, 'it has another key than the one given as serverKey')
    case 'pending': {
      // ZeroMQ itself admits those without keys at once, unless the server has to be asked.
      const why = "it does not answer, as a server does whose allowedIps lack this machine's address"
      return own === 'NULL' ? { ...unauthorized(endpoint, why), certain: false } : undefined
    }
    default:
      return undefined
  }
}

function mismatch(theirs: string): string {
  if (theirs === 'CURVE') return "it has keys: connect with security: { serverKey }, the server's public key"
  if (theirs === 'NULL') return 'it has no keys: nobody vouches for it. Connect without security, or give it keys'
  return `it uses the security mechanism ${theirs}`
}

function unauthorized(endpoint: string, why: string): Refusal {
  const error = new RmqError('UNAUTHORIZED', `The server at ${endpoint} does not take this client: ${why}.`)
  return { error, certain: true }
}

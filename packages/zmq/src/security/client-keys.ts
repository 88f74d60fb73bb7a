import { type ClientSecurity, RmqError } from '@rmq/core'
import { generateKeyPair, publicKeyOf, requireKey } from './key.ts'
import { readPublicKeys, readSecretKey } from './key-file.ts'
import { requireKnownOptions } from './known-options.ts'

/** What a client's sockets are made with; empty for a server without keys. */
export interface ClientKeys {
  readonly curveServerKey?: string
  readonly curvePublicKey?: string
  readonly curveSecretKey?: string
}

const SECURITY_OPTIONS = ['serverKey', 'serverKeyFile', 'secretKey', 'secretKeyFile']

/** @throws INVALID_ARGUMENT, PERMISSION_DENIED for key files that others may access */
export function clientKeys(security: ClientSecurity | undefined): ClientKeys {
  if (security === undefined) return {}
  requireKnownOptions(security, SECURITY_OPTIONS)
  const curveSecretKey = secretKeyOf(security) ?? generateKeyPair().secretKey
  return { curveServerKey: serverKeyOf(security), curvePublicKey: publicKeyOf(curveSecretKey), curveSecretKey }
}

function serverKeyOf({ serverKey, serverKeyFile }: ClientSecurity): string {
  if ((serverKey === undefined) === (serverKeyFile === undefined)) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      "A client's security needs either serverKey, the server's public key, or serverKeyFile.",
    )
  }
  if (serverKeyFile === undefined) {
    requireKey(serverKey, 'security.serverKey')
    return serverKey
  }
  const [key, ...more] = readPublicKeys(serverKeyFile)
  if (more.length === 0) return key!
  throw new RmqError('INVALID_ARGUMENT', `Key file "${serverKeyFile}" holds several keys: a server has one.`)
}

function secretKeyOf({ secretKey, secretKeyFile }: ClientSecurity): string | undefined {
  if (secretKey !== undefined && secretKeyFile !== undefined) {
    throw new RmqError('INVALID_ARGUMENT', "A client's security takes either secretKey or secretKeyFile.")
  }
  if (secretKeyFile !== undefined) return readSecretKey(secretKeyFile)
  if (secretKey !== undefined) requireKey(secretKey, 'security.secretKey')
  return secretKey
}

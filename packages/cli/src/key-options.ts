import { Option } from 'commander'
import { type ClientSecurity, isKey, readPublicKeys, type ServerSecurity } from 'robotmq'
import { UsageError } from './usage-error.ts'

export interface ClientKeyOptions {
  /** The server's public key, or a file that holds it. */
  readonly serverKey?: string
  /** A file with this client's secret key. */
  readonly key?: string
}

export interface ServerKeyOptions {
  /** A file with the server's secret key. */
  readonly key?: string
  /** Public keys of clients, and files of them. */
  readonly allow?: readonly string[]
  readonly keyEndpoints?: NonNullable<ServerSecurity['endpoints']>
}

export function serverKeyOption(): Option {
  return new Option('--server-key <KEY|FILE>', "the server's public key, where it has one")
}

export function keyOption(): Option {
  return new Option('--key <FILE>', "this client's secret key, where the server has a list of clients")
}

export function clientSecurity({ serverKey, key }: ClientKeyOptions): { readonly security?: ClientSecurity } {
  if (serverKey === undefined) {
    if (key !== undefined) throw new UsageError("--key needs the server's public key too: --server-key KEY|FILE.")
    return {}
  }
  const own = key === undefined ? {} : { secretKeyFile: key }
  return { security: { ...own, ...(isKey(serverKey) ? { serverKey } : { serverKeyFile: serverKey }) } }
}

export function serverSecurity({ key, allow, keyEndpoints = 'all' }: ServerKeyOptions): {
  readonly security?: ServerSecurity
} {
  if (key === undefined) {
    if (allow !== undefined)
      throw new UsageError('--allow needs a key of the server: --key FILE, made by `rmq keygen`.')
    return {}
  }
  const clients = allow?.flatMap((entry) => (isKey(entry) ? [entry] : readPublicKeys(entry)))
  return { security: { secretKeyFile: key, endpoints: keyEndpoints, ...(clients !== undefined && { clients }) } }
}

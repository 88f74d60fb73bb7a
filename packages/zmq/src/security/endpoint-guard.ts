import { type Logger, RmqError, type ServerAccess, type ServerSecurity } from '@rmq/core'
import type { Router, SocketOptions } from 'zeromq'
import { isLoopback, type ParsedEndpoint } from '../endpoint-syntax.ts'
import { parseAllowedIps } from './allowed-addresses.ts'
import { requireKey } from './key.ts'
import { readPublicKeys, readSecretKey } from './key-file.ts'
import { requireKnownOptions } from './known-options.ts'
import { decodeZ85 } from './z85.ts'
import { openZapDomain, type ZapQuestion } from './zap-handler.ts'

/** What keeps strangers from an endpoint. */
export interface EndpointGuard {
  /** For the socket to be made with. */
  readonly socketOptions: SocketOptions<Router>
  /** Whether the socket has keys: nobody without them gets through, and nobody in between can read or change anything. */
  readonly keys: boolean
  /** Whether only clients on a list are admitted, by their address or key. */
  readonly selective: boolean
  /** Whether clients of the original robotmq are served. */
  readonly servesRobotmq: boolean
  /** To be called once the socket is closed. */
  release(): void
}

const SECURITY_OPTIONS = ['secretKey', 'secretKeyFile', 'clients', 'clientsFile', 'endpoints']

/**
 * @param onRefused told of each client that is not admitted
 * @throws INVALID_ARGUMENT, PERMISSION_DENIED for key files that others may access
 */
export async function openEndpointGuard(
  { scheme }: ParsedEndpoint,
  { security: given, allowedIps, robotmqClients = 'all' }: ServerAccess,
  onRefused: () => void,
): Promise<EndpointGuard> {
  if (!['all', 'ipc', 'none'].includes(robotmqClients)) {
    throw new RmqError('INVALID_ARGUMENT', `robotmqClients must be 'all', 'ipc' or 'none', got '${robotmqClients}'.`)
  }
  if (given !== undefined) requireKnownOptions(given, SECURITY_OPTIONS)
  const keyed = given?.endpoints ?? 'all'
  if (keyed !== 'all' && keyed !== 'tcp') {
    throw new RmqError('INVALID_ARGUMENT', `security.endpoints must be 'all' or 'tcp', got '${keyed}'.`)
  }
  const security = keyed === 'all' || keyed === scheme ? given : undefined
  const isAllowed = allowedIps === undefined ? undefined : parseAllowedIps(allowedIps)
  const secretKey = security && secretKeyOf(security)
  const admittedKeys = security && admittedKeysOf(security)
  const conditions: ((question: ZapQuestion) => boolean)[] = []
  if (isAllowed !== undefined && scheme === 'tcp') conditions.push(({ address }) => isAllowed(address))
  if (admittedKeys !== undefined) {
    conditions.push(({ publicKey }) => publicKey !== undefined && admittedKeys.has(publicKey.toString('latin1')))
  }
  const keyOptions = secretKey === undefined ? {} : { curveServer: true, curveSecretKey: secretKey }
  const common = {
    keys: secretKey !== undefined,
    selective: conditions.length > 0,
    servesRobotmq: robotmqClients === 'all' || robotmqClients === scheme,
  }
  if (conditions.length === 0) return { ...common, socketOptions: keyOptions, release() {} }
  const { context, domain, release } = await openZapDomain((question) => {
    const admitted = conditions.every((holds) => holds(question))
    if (!admitted) onRefused()
    return admitted
  })
  // Enforced: were nobody there to be asked, nobody would be admitted.
  return { ...common, socketOptions: { ...keyOptions, context, zapDomain: domain, zapEnforceDomain: true }, release }
}

/** Warns, once an endpoint is bound, where the network reaches it and nobody needs a key. */
export function warnOfStrangers(parsed: ParsedEndpoint, endpoint: string, guard: EndpointGuard, log: Logger): void {
  if (parsed.scheme !== 'tcp' || isLoopback(parsed.host) || guard.keys) return
  const who = guard.selective
    ? 'what travels can be read and changed on its way'
    : 'whoever reaches it can read and write all topics'
  log.warn(`${endpoint} is reachable from the network without keys: ${who}.`)
}

function secretKeyOf({ secretKey, secretKeyFile }: ServerSecurity): string {
  if ((secretKey === undefined) === (secretKeyFile === undefined)) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      "A server's security needs either secretKeyFile or secretKey: `rmq keygen` makes one.",
    )
  }
  if (secretKeyFile !== undefined) return readSecretKey(secretKeyFile)
  requireKey(secretKey, 'security.secretKey')
  return secretKey
}

/** @returns undefined where every client is admitted */
function admittedKeysOf({ clients, clientsFile }: ServerSecurity): ReadonlySet<string> | undefined {
  if (clients === undefined && clientsFile === undefined) return undefined
  if (clients !== undefined && !Array.isArray(clients)) {
    throw new RmqError('INVALID_ARGUMENT', 'security.clients must be a list of public keys.')
  }
  const keys = [...(clients ?? []), ...(clientsFile === undefined ? [] : readPublicKeys(clientsFile))]
  if (keys.length === 0) {
    throw new RmqError('INVALID_ARGUMENT', 'security.clients is empty: leave it out to admit every client.')
  }
  return new Set(
    keys.map((key) => {
      requireKey(key, 'Each of security.clients')
      return decodeZ85(key)!.toString('latin1')
    }),
  )
}

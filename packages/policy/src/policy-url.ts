import { RmqError } from 'robotmq'
import type { FrontName } from './policy-handler.ts'

const DEFAULT_PORTS: Readonly<Record<string, number>> = { openpi: 8000, groot: 5555 }

export interface PolicyAddress {
  readonly dialect: FrontName
  /** As the dialect's own library takes it. */
  readonly address: string
}

/**
 * Parses `openpi://host:8000`, `ws://…`, `wss://…`, `groot://host:5555`, and robotmq's `tcp://…` and `ipc://…`.
 * @throws INVALID_ARGUMENT
 */
export function parsePolicyUrl(url: string): PolicyAddress {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.+)$/.exec(url) ?? []
  switch (scheme) {
    case 'tcp':
    case 'ipc':
      return { dialect: 'robotmq', address: url }
    case 'ws':
    case 'wss':
      if (URL.canParse(url)) return { dialect: 'openpi', address: url }
      break
    case 'openpi': {
      const path = /\/.*$/.exec(rest)?.[0] ?? ''
      const address = `ws://${withPort(rest.slice(0, rest.length - path.length), scheme)}${path}`
      if (URL.canParse(address)) return { dialect: 'openpi', address }
      break
    }
    case 'groot':
      // A path is a unix socket's.
      return {
        dialect: 'groot',
        address: rest.startsWith('/') ? `ipc://${rest}` : `tcp://${withPort(rest.replace(/\/$/, ''), scheme)}`,
      }
  }
  throw new RmqError(
    'INVALID_ARGUMENT',
    `"${url}" names no policy: write openpi://host:8000, groot://host:5555, tcp://host:port or ipc:///path.`,
  )
}

function withPort(host: string, scheme: string): string {
  return /:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORTS[scheme]}`
}

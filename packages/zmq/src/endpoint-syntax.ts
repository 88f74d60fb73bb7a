import { Buffer } from 'node:buffer'
import { isIP } from 'node:net'
import { RmqError } from '@rmq/core'

export type ParsedEndpoint =
  | { readonly scheme: 'ipc'; readonly path: string }
  | { readonly scheme: 'tcp'; readonly host: string; readonly port: number; readonly ipv6: boolean }

/** A unix socket's address holds 108 bytes, one of them a closing zero. */
export const MAX_IPC_PATH_BYTES = 107

/**
 * Parses `ipc://path`, `tcp://host:port` and, to bind, also `tcp://*:port` and port 0 or `*` (the system chooses).
 * @throws INVALID_ARGUMENT
 */
export function parseEndpoint(endpoint: string, use: 'bind' | 'connect'): ParsedEndpoint {
  if (endpoint.startsWith('ipc://')) return { scheme: 'ipc', path: parsePath(endpoint) }
  const match = /^tcp:\/\/(\[[0-9a-f:.%a-z]+\]|[^\s:;/[\]]+):(\*|\d{1,5})$/i.exec(endpoint)
  const host = match?.[1]
  const port = match?.[2] === '*' ? 0 : Number(match?.[2])
  if (host === undefined || port > 65535) {
    throw invalid(endpoint, 'write tcp://host:port, for example tcp://127.0.0.1:5555')
  }
  const ipv6 = host.startsWith('[')
  if (ipv6 && isIP(host.slice(1, -1)) !== 6) throw invalid(endpoint, 'the brackets must hold an IPv6 address')
  if (/^[\d.]+$/.test(host) && isIP(host) !== 4) throw invalid(endpoint, `${host} is no IPv4 address`)
  if (use === 'connect' && (port === 0 || host === '*')) {
    throw invalid(endpoint, 'to connect, name the host and the port that the server listens on')
  }
  return { scheme: 'tcp', host, port, ipv6 }
}

/** True where only this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === 'lo' || /^127\./.test(host)
}

function parsePath(endpoint: string): string {
  const path = endpoint.slice('ipc://'.length)
  if (path === '' || path === '*' || path.endsWith('/')) {
    throw invalid(endpoint, 'write ipc:// and the path of a file, for example ipc:///tmp/robot/0')
  }
  if (path.includes('\0')) throw invalid(endpoint, 'a path cannot hold a zero byte')
  if (path.startsWith('@')) {
    throw invalid(endpoint, 'abstract sockets are open to every user of the machine: name a file instead')
  }
  const bytes = Buffer.byteLength(path)
  if (bytes > MAX_IPC_PATH_BYTES) {
    throw invalid(
      endpoint,
      `its path has ${bytes} bytes and a socket's path may have ${MAX_IPC_PATH_BYTES}: choose a shorter one`,
    )
  }
  return path
}

function invalid(endpoint: string, advice: string): RmqError {
  return new RmqError('INVALID_ARGUMENT', `Endpoint "${endpoint}" is not understood: ${advice}.`)
}

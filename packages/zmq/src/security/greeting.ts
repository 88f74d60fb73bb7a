import { Buffer } from 'node:buffer'
import { connect } from 'node:net'
import type { ParsedEndpoint } from '../endpoint-syntax.ts'

/** How a ZMTP 3 peer begins: a signature and the version. What follows, the other side tells without waiting for ours. */
const OPENING = Buffer.from('ff00000000000000017f03', 'hex')
/** Where the signature stands that every ZMTP peer begins with. */
const isSignature = (greeting: Buffer) => greeting[0] === 0xff && greeting[9] === 0x7f
const MECHANISM_OFFSET = 12
const MECHANISM_BYTES = 20

/**
 * Which security mechanism a ZeroMQ socket has, such as `NULL` or `CURVE`.
 * @returns undefined where none answers within the time
 */
export function readMechanism(endpoint: ParsedEndpoint, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const target = endpoint.scheme === 'ipc' ? { path: endpoint.path } : tcpTarget(endpoint)
    const socket = connect(target, () => socket.write(OPENING))
    const settle = (mechanism: string | undefined) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(mechanism)
    }
    const timer = setTimeout(() => settle(undefined), timeoutMs)
    let greeting = Buffer.alloc(0)
    socket.on('error', () => settle(undefined))
    socket.once('close', () => settle(undefined))
    socket.on('data', (chunk) => {
      greeting = Buffer.concat([greeting, chunk])
      if (greeting.byteLength < MECHANISM_OFFSET + MECHANISM_BYTES) return
      const text = greeting.toString('latin1', MECHANISM_OFFSET, MECHANISM_OFFSET + MECHANISM_BYTES)
      settle(isSignature(greeting) ? text.replace(/\0+$/, '') : undefined)
    })
  })
}

/** Of a name's addresses those that ZeroMQ would try. */
function tcpTarget({ host, port, ipv6 }: ParsedEndpoint & { scheme: 'tcp' }) {
  return { host: host.replace(/^\[|\]$/g, ''), port, family: ipv6 ? 6 : 4 }
}

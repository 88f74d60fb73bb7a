import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const WAIT_MS = 500
const POLL_MS = 2
/** Where a socket bound to every address answers too. */
const ANY_ADDRESS = new Map([
  ['*', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

/** ZeroMQ closes a port in a thread of its own. Resolves once the port can be bound again, or soon after. */
export async function portIsFree(host: string, boundEndpoint: string): Promise<void> {
  const port = Number(/:(\d+)$/.exec(boundEndpoint)?.[1])
  const bare = host.replace(/^\[|\]$/g, '')
  const target = { port, host: ANY_ADDRESS.get(bare) ?? bare }
  const deadline = performance.now() + WAIT_MS
  while (performance.now() < deadline && (await accepts(target))) await sleep(POLL_MS)
}

function accepts(target: { port: number; host: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target)
    const settle = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.setTimeout(100, () => settle(false))
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Stands between a client and a server, and keeps all that passes. */
export async function recordingProxy(endpoint: string): Promise<{ readonly endpoint: string; recorded(): Buffer }> {
  const [, host, port] = /^tcp:\/\/(.+):(\d+)$/.exec(endpoint)!
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  const pass = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on('error', () => {})
    from.on('data', (chunk) => {
      chunks.push(chunk)
      to.write(chunk)
    })
    from.once('close', () => to.destroy())
  }
  const server = createServer((near) => {
    const far = connect(Number(port), host)
    pass(near, far)
    pass(far, near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    endpoint: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded: () => Buffer.concat(chunks),
  }
}

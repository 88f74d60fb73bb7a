import { connect, createServer, type Server, type Socket } from 'node:net'
import { RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { expect, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'

const logLevel = RMQLogLevel.OFF
const KEPT = { messageRemainingTimeS: 60 }

/** Carries bytes between a client and a server; replies can be held back, or the connection cut. */
class Wire {
  holdReplies = false
  readonly #held: (() => void)[] = []
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  endpoint = ''

  static async to(endpoint: string): Promise<Wire> {
    const proxy = new Wire(Number(endpoint.split(':').at(-1)))
    proxy.endpoint = await freshEndpoint('tcp')
    await new Promise<void>((resolve) => {
      proxy.#server.listen(Number(proxy.endpoint.split(':').at(-1)), '127.0.0.1', resolve)
    })
    return proxy
  }

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          near.destroy()
          far.destroy()
        })
      }
      near.pipe(far)
      far.on('data', (chunk) => {
        if (this.holdReplies) this.#held.push(() => near.write(chunk))
        else near.write(chunk)
      })
    })
  }

  release(): void {
    this.holdReplies = false
    for (const write of this.#held.splice(0)) write()
  }

  cut(): void {
    this.#held.length = 0
    this.holdReplies = false
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }
}

async function setup() {
  const server = await RMQServer.bind('server', await freshEndpoint('tcp'), { logLevel })
  server.addTopic('t', KEPT)
  server.addTopic('r', KEPT)
  const proxy = await Wire.to(server.endpoints[0]!)
  const client = await RMQClient.connect('client', proxy.endpoint, { logLevel })
  const end = async () => {
    await client.close()
    proxy.close()
    await server.close()
  }
  return { server, proxy, client, end }
}

test.each(['late', 'lost'])('put, pop and request run once when their replies are %s', async (fate) => {
  const { server, proxy, client, end } = await setup()
  let runs = 0
  server.onRequest('r', async (request) => {
    runs += 1
    return request
  })
  server.putData('t', new Uint8Array([1]))
  server.putData('t', new Uint8Array([2]))
  const retried: string[] = []
  client.on('retry', ({ op }) => retried.push(op))

  proxy.holdReplies = true
  const options = { timeoutS: 0.1 }
  const calls = Promise.all([
    client.putData('t', new Uint8Array([3]), options),
    client.popData('t', 1, options),
    client.requestWithData('r', new Uint8Array([4]), options),
  ])
  await expect.poll(() => new Set(retried).size).toBe(3)
  if (fate === 'late') proxy.release()
  else proxy.cut()
  const [, popped, answer] = await calls
  expect(popped.map(({ data }) => data[0])).toEqual([1])
  expect([...answer]).toEqual([4])
  expect(runs).toBe(1)
  expect((await server.peekData('t', 0)).map(({ data }) => data[0])).toEqual([2, 3])
  const [status] = await server.listTopics()
  expect(status).toMatchObject({ published: 3, popped: 1 })
  await end()
})

test('a late answer never answers a later call', async () => {
  const { server, proxy, client, end } = await setup()
  server.onRequest('r', async (request) => request)
  proxy.holdReplies = true
  const first = client.requestWithData('r', new Uint8Array([1]), { timeoutS: 0.05, automaticResend: false })
  await expect(first).rejects.toMatchObject({ code: 'TIMEOUT' })
  const second = client.requestWithData('r', new Uint8Array([2]), { timeoutS: 5 })
  proxy.release()
  expect([...(await second)]).toEqual([2])
  await end()
})

test('a request that runs while the connection is cut is joined by its retry', async () => {
  const { server, proxy, client, end } = await setup()
  let finish = () => {}
  const aborted: unknown[] = []
  let runs = 0
  server.onRequest('r', async (request, { signal }) => {
    runs += 1
    signal.addEventListener('abort', () => aborted.push(signal.reason))
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return request
  })
  let reconnected = false
  client.on('connect', () => {
    reconnected = true
  })
  const answer = client.requestWithData('r', new Uint8Array([7]), { timeoutS: 0.2 })
  await expect.poll(() => runs).toBe(1)
  proxy.cut()
  await expect.poll(() => reconnected, { timeout: 10_000 }).toBe(true)
  // Longer than the grace after which a handler without waiters would be told.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  finish()
  expect([...(await answer)]).toEqual([7])
  expect(runs).toBe(1)
  expect(aborted).toEqual([])
  await end()
})

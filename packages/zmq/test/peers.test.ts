import { connect as connectSocket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { startNode } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { exchange, rawClient } from './support/raw-client.ts'
import { describeAnswer, frame, RobotmqCommand } from './support/robotmq-frames.ts'
import { startServer } from './support/test-server.ts'

const connect = async (endpoint: string) => {
  const link = await zmqTransport().connect(endpoint, { clientName: 'tester' })
  onTestFinished(() => link.close())
  return link
}

const percentile = (values: number[], share: number) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!

async function peekTimes(link: Awaited<ReturnType<typeof connect>>, count: number): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < count; index++) {
    const start = performance.now()
    await link.call({ op: 'peek', topic: 't', n: -1 })
    times.push(performance.now() - start)
  }
  return times
}

test('200 clients at once, of both kinds', async () => {
  const { server, endpoint } = await startServer(freshEndpoint())
  server.putData('t', Buffer.from('hello'))
  const links = await Promise.all(Array.from({ length: 100 }, () => connect(endpoint)))
  const robotmq = Array.from({ length: 100 }, () => rawClient(endpoint))
  const status = frame('t', RobotmqCommand.STATUS, new Uint8Array(0))
  const counts = await Promise.all([
    ...links.map(async (link) => (await link.call({ op: 'peek', topic: 't', n: 0 })).records.length),
    ...robotmq.map(async (client) => describeAnswer(await exchange(client, status)).body.readInt32LE()),
  ])
  expect(counts).toEqual(counts.map(() => 1))
})

test('a client that connects and says nothing, and one that sends half a message, disturb nobody', async () => {
  const { endpoint } = await startServer(freshEndpoint('tcp'))
  const port = Number(endpoint.split(':').at(-1))
  for (const bytes of ['', 'ff00000000000000017f']) {
    const socket = connectSocket(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(Buffer.from(bytes, 'hex'))
    onTestFinished(() => void socket.destroy())
  }
  const link = await connect(endpoint)
  expect(await link.call({ op: 'status', topic: 't' })).toEqual({ count: 0 })
})

test('a request that waits for 3 s adds nothing to the calls of others', { timeout: 15_000 }, async () => {
  const { server, endpoint } = await startServer(freshEndpoint())
  server.putData('t', new Uint8Array(64))
  server.onRequest('t', async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 3000))
    return new Uint8Array(request)
  })
  const [asking, peeking] = await Promise.all([connect(endpoint), connect(endpoint)])
  const alone = percentile(await peekTimes(peeking, 500), 0.5)
  const answer = asking.call({ op: 'request', topic: 't', data: Uint8Array.of(1) })
  const beside = percentile(await peekTimes(peeking, 500), 0.5)
  // The asking client itself is not held up either.
  expect(await asking.call({ op: 'status', topic: 't' })).toEqual({ count: 1 })
  expect(beside).toBeLessThan(alone * 2 + 0.5)
  expect((await answer).data).toEqual(Uint8Array.of(1))
})

test('a client that does not read its replies loses its own and holds up nobody', async () => {
  const { server, endpoint } = await startServer(freshEndpoint())
  server.putData('t', new Uint8Array(100_000))
  const deaf = rawClient(endpoint)
  const peek = frame('t', RobotmqCommand.PEEK, Buffer.from('ffffffff', 'hex'))
  for (let count = 0; count < 5000; count++) deaf.send(['', peek])
  const link = await connect(endpoint)
  const times = await peekTimes(link, 50)
  expect(percentile(times, 0.5)).toBeLessThan(500)
  expect((await link.call({ op: 'peek', topic: 't', n: -1 })).records).toHaveLength(1)
  expect((await server.counters()).dropped).toBeGreaterThan(0)
})

test('a client killed in the middle: its handler is told, the others go on', { timeout: 20_000 }, async () => {
  const { server, endpoint } = await startServer(freshEndpoint())
  let running = false
  let aborted = false
  server.onRequest('t', (_request, { signal }) => {
    running = true
    signal.addEventListener('abort', () => (aborted = true))
    return new Promise(() => {})
  })
  const child = startNode(`
    import { zmqTransport } from '@rmq/zmq'
    const link = await zmqTransport().connect(${JSON.stringify(endpoint)}, { clientName: 'doomed' })
    link.call({ op: 'put', topic: 't', data: new Uint8Array(50_000_000) })
    link.call({ op: 'request', topic: 't', data: new Uint8Array(10) })
  `)
  await eventually(() => running, 'the handler runs', 10_000)
  child.process.kill('SIGKILL')
  const link = await connect(endpoint)
  expect((await link.call({ op: 'status', topic: 't' })).count).toBeGreaterThanOrEqual(0)
  await eventually(() => aborted, 'the signal is aborted')
})

test('a server killed and started again is met again within 2 s of its return', { timeout: 20_000 }, async () => {
  const endpoint = freshEndpoint()
  const start = async () => {
    const child = startNode(`
      import { RMQServer } from '@rmq/core'
      import { zmqEngine } from '@rmq/zmq'
      const server = await RMQServer.bind('mortal', [${JSON.stringify(endpoint)}], { engine: zmqEngine(), logLevel: 6 })
      server.addTopic('t', { messageRemainingTimeS: 10 })
      console.log('up')
    `)
    await child.line()
    return child
  }
  const first = await start()
  const link = await connect(endpoint)
  const { server } = link
  first.process.kill('SIGKILL')
  await first.exit
  await start()
  const returned = performance.now()
  await eventually(async () => {
    await link.call({ op: 'status', topic: 't' })
    return link.server !== server
  }, 'the new run is met')
  expect(performance.now() - returned).toBeLessThan(2000)
})

test('a client of ours that does not read gets errors instead of ever more replies', async () => {
  const { server, endpoint } = await startServer(freshEndpoint(), { maxBytesPerClient: 1_000_000 })
  server.putData('t', new Uint8Array(400_000))
  const link = await connect(endpoint)
  const peek = () => link.call({ op: 'peek', topic: 't', n: -1 })
  const together = await Promise.allSettled([peek(), peek(), peek(), peek()])
  expect(together.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  expect(together[3]).toMatchObject({ reason: { code: 'NO_SPACE' } })
  for (let count = 0; count < 10; count++) expect((await peek()).records).toHaveLength(1)
})

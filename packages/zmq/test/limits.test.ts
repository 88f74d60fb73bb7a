import { Buffer } from 'node:buffer'
import { type Link, RMQClient } from '@rmq/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { decodeFrame, encodeFrame, RobotmqCommand, topicBytes, topicText } from '../src/robotmq/frame.ts'
import { encodeClientHello, readServerHello } from '../src/robotmq/hello.ts'
import { recordBlockBytes, writeRecordBlock } from '../src/robotmq/record-block.ts'
import { encodeCall } from '../src/wire/call-codec.ts'
import { decodeError } from '../src/wire/error-codec.ts'
import { decodeHead, MessageKind } from '../src/wire/head.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { exchange, type RawClient, rawClient } from './support/raw-client.ts'
import { startServer } from './support/test-server.ts'

async function connect(endpoint: string): Promise<Link> {
  const link = await zmqTransport().connect(endpoint, { clientName: 'tester' })
  onTestFinished(() => link.close())
  return link
}

const PEEK = { op: 'peek', topic: 't', n: -1 } as const
const noSpace = expect.objectContaining({ code: 'NO_SPACE' })

function robotmqFrame(command: number, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  return encodeFrame({ topic: topicBytes('t'), command, timestampS: 0, body })
}

function robotmqRequest(timestampS: number): Uint8Array {
  const records = [{ data: Buffer.from('ask'), timestampS }]
  const body = Buffer.alloc(recordBlockBytes(records))
  writeRecordBlock(body, 0, records)
  return robotmqFrame(RobotmqCommand.REQUEST, body)
}

/** What a robotmq client is answered: the topic of an error and its text, or nothing to complain of. */
async function complaint(endpoint: string): Promise<string | undefined> {
  const { command, topic, body } = decodeFrame(await exchange(rawClient(endpoint), robotmqFrame(RobotmqCommand.STATUS)))
  return command === RobotmqCommand.ERROR ? `${topicText(topic)}: ${topicText(body)}` : undefined
}

describe('clients', () => {
  test('more than maxClients are refused, of either wire, until one has gone', async () => {
    const { server, endpoint } = await startServer(freshEndpoint(), { maxClients: 2 })
    const first = await connect(endpoint)
    await connect(endpoint)
    await expect(zmqTransport().connect(endpoint, { clientName: 'third' })).rejects.toEqual(noSpace)
    expect(await complaint(endpoint)).toMatch(/^no_space: .*maxClients/)
    const raw = rawClient(endpoint)
    raw.send(encodeCall(1, PEEK, 0))
    const answer = await raw.receive()
    expect(decodeError(decodeHead(answer![0]!))).toMatchObject({ code: 'NO_SPACE' })
    expect((await server.counters()).refused).toBeGreaterThanOrEqual(3)
    expect(await first.call(PEEK)).toMatchObject({ records: [] })
    await first.close()
    await eventually(() => connect(endpoint).then(Boolean, () => false), 'there is room again')
  })

  test('one that has a second connection for large records is one client', async () => {
    const { server, endpoint } = await startServer(freshEndpoint('tcp'), { maxClients: 2 })
    const clients: RMQClient[] = []
    const join = async (name: string) => {
      const client = await RMQClient.connect(name, endpoint, { transports: [zmqTransport()], logLevel: 6 })
      onTestFinished(() => client.close())
      clients.push(client)
      return client
    }
    const follow = async (client: RMQClient) => {
      let count = 0
      for await (const { data } of client.subscribe('t', { from: 'oldest' })) {
        expect([data.byteLength, data[0]]).toEqual([100_000, ++count])
        if (count === 3) return
      }
    }
    for (let value = 1; value <= 3; value++) server.putData('t', new Uint8Array(100_000).fill(value))
    for (const name of ['first', 'second']) await follow(await join(name))
    await expect(join('third')).rejects.toEqual(noSpace)
    await clients[0]!.close()
    await eventually(() => join('third').then(Boolean, () => false), 'there is room again')
    await follow(clients.at(-1)!)
    await expect(join('fourth')).rejects.toEqual(noSpace)
  })

  test('connections that all claim to be one client are served two at a time: the latest of each kind', async () => {
    const { endpoint } = await startServer(freshEndpoint('tcp'), { maxClients: 2 })
    const honest = await connect(endpoint)
    const liars: RawClient[] = []
    for (let count = 0; count < 20; count++) {
      const liar = rawClient(endpoint)
      const hello = encodeClientHello({ client: 'liar', instance: 'one', bulk: count % 2 === 1 })
      expect(readServerHello(decodeFrame(await exchange(liar, hello)).body)).toBeDefined()
      liars.push(liar)
    }
    const isServed = async (liar: RawClient) => {
      liar.send(encodeCall(1, PEEK, 0))
      return decodeHead((await liar.receive())![0]!).kind === MessageKind.REPLY
    }
    expect(await Promise.all(liars.map(isServed))).toEqual(liars.map((_liar, index) => index >= 18))
    const stranger = rawClient(endpoint)
    for (const instance of ['another', '', 'x'.repeat(1000)]) {
      const refused = await exchange(stranger, encodeClientHello({ client: 'stranger', instance }))
      expect(decodeFrame(refused).command).toBe(RobotmqCommand.ERROR)
    }
    expect(await honest.call(PEEK)).toMatchObject({ records: [] })
    for (const liar of liars) liar.close()
    await eventually(() => connect(endpoint).then(Boolean, () => false), 'there is room again')
  })
})

describe('requests', () => {
  test('more than maxRequestsPerClient are refused; other clients are not held up', async () => {
    const { server, endpoint } = await startServer(freshEndpoint(), { maxRequestsPerClient: 3 })
    const held: (() => void)[] = []
    server.onRequest('t', (request) => new Promise((resolve) => held.push(() => resolve(Buffer.from(request)))))
    const greedy = await connect(endpoint)
    const data = Buffer.from('ask')
    const asked = [1, 2, 3].map(() => greedy.call({ op: 'request', topic: 't', data }))
    await expect(greedy.call({ op: 'request', topic: 't', data })).rejects.toEqual(noSpace)
    expect(await greedy.call(PEEK)).toMatchObject({ records: [] })
    const modest = await connect(endpoint)
    const other = modest.call({ op: 'request', topic: 't', data })
    await eventually(() => held.length === 4, 'the handler has four requests')
    for (const answer of held) answer()
    await Promise.all([...asked, other])
    expect((await server.counters()).refused).toBe(1)
    const again = greedy.call({ op: 'request', topic: 't', data })
    await eventually(() => held.length === 5, 'there is room again')
    held.at(-1)!()
    await again
  })

  test('a client of the original has the same limit', async () => {
    const { server, endpoint } = await startServer(freshEndpoint(), { maxRequestsPerClient: 3 })
    server.onRequest('t', () => new Promise(() => {}))
    const client = rawClient(endpoint)
    for (let number = 1; number <= 4; number++) client.send(['', robotmqRequest(number)])
    const { command, body } = decodeFrame((await client.receive())!.at(-1)!)
    expect(command).toBe(RobotmqCommand.ERROR)
    expect(Buffer.from(body).toString()).toContain('waits for an answer')
    expect((await server.counters()).refused).toBe(1)
  })

  test('nor may they hold more than maxBytesPerClient', async () => {
    const { server, endpoint } = await startServer(freshEndpoint(), { maxBytesPerClient: 100_000 })
    const held: (() => void)[] = []
    server.onRequest('t', () => new Promise((resolve) => held.push(() => resolve(Buffer.from('ok')))))
    const client = await connect(endpoint)
    const ask = (bytes: number) => client.call({ op: 'request', topic: 't', data: Buffer.alloc(bytes, 1) })
    // A single one passes whatever its size.
    const big = ask(200_000)
    await eventually(() => held.length === 1, 'the handler has the request')
    await expect(ask(1)).rejects.toEqual(noSpace)
    held[0]!()
    await big
    const small = [ask(50_000), ask(50_000)]
    await eventually(() => held.length === 3, 'the handler has both requests')
    await expect(ask(1)).rejects.toEqual(noSpace)
    for (const answer of held) answer()
    await Promise.all(small)
  })
})

test('who sends a frame over maxMessageBytes is disconnected, and nobody else', async () => {
  const { endpoint } = await startServer(freshEndpoint(), { maxMessageBytes: 100_000 })
  const other = await connect(endpoint)
  const raw = rawClient(endpoint)
  expect(await exchange(raw, robotmqFrame(RobotmqCommand.STATUS))).toBeDefined()
  raw.send(['', Buffer.alloc(200_000)])
  expect(await raw.receive(300)).toBeUndefined()
  expect(await other.call(PEEK)).toMatchObject({ records: [] })
  const data = Buffer.alloc(200_000, 1)
  await expect(other.call({ op: 'put', topic: 't', data })).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
})

describe('robotmqClients', () => {
  test.each([
    ['all', 'tcp', true],
    ['all', 'ipc', true],
    ['ipc', 'tcp', false],
    ['ipc', 'ipc', true],
    ['none', 'tcp', false],
    ['none', 'ipc', false],
  ] as const)('%s: on %s served: %s', async (robotmqClients, scheme, served) => {
    const { server, endpoint } = await startServer(freshEndpoint(scheme), { robotmqClients })
    const told = await complaint(endpoint)
    if (served) expect(told).toBeUndefined()
    else expect(told).toMatch(/^unauthorized: .*robotmqClients/)
    expect((await server.counters()).refused).toBe(served ? 0 : 1)
    const ours = await connect(endpoint)
    expect(await ours.call(PEEK)).toMatchObject({ records: [] })
  })
})

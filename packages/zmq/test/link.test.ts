import { type ConnectOptions, type Link, RmqError } from '@rmq/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { fakeRobotmq } from './support/fake-robotmq.ts'
import { startServer } from './support/test-server.ts'

const transport = zmqTransport()

async function connect(endpoint: string, options: Partial<ConnectOptions> = {}): Promise<Link> {
  const link = await transport.connect(endpoint, { clientName: 'tester', ...options })
  onTestFinished(() => link.close())
  return link
}

describe.each(['ipc', 'tcp'] as const)('a link over %s', (scheme) => {
  test('carries every command', async () => {
    const { server, engine, endpoint } = await startServer(freshEndpoint(scheme))
    const link = await connect(endpoint)
    expect(link).toMatchObject({ dialect: 'rmq', server: engine.server })
    const put = { op: 'put', topic: 't', data: Uint8Array.of(1, 2, 3), captureTimeS: 1.5 } as const
    const { epoch, sequence } = await link.call(put)
    expect(sequence).toBe(1)
    await link.call({ op: 'put', topic: 't', data: new Uint8Array(100_000).fill(9) })
    const { records } = await link.call({ op: 'peek', topic: 't', n: 0 })
    expect(records[0]).toMatchObject({ sequence: 1, captureTimeS: 1.5, data: Uint8Array.of(1, 2, 3) })
    expect(records[1]!.data.byteLength).toBe(100_000)
    expect(Buffer.isBuffer(records[1]!.data)).toBe(false)
    expect((await link.call({ op: 'describe', topic: 't' })).description).toMatchObject({ epoch, kind: 'heap' })
    expect(await link.call({ op: 'status', topic: 't' })).toEqual({ count: 2 })
    expect(await link.call({ op: 'status', topic: 'nope' })).toEqual({ count: -1 })
    expect((await link.call({ op: 'list' })).topics).toMatchObject([{ topic: 't', count: 2 }])
    expect((await link.call({ op: 'pop', topic: 't', n: 1 })).records).toHaveLength(1)
    server.onRequest('t', async (request, { clientName }) => Buffer.concat([Buffer.from(clientName), request]))
    const answer = await link.call({ op: 'request', topic: 't', data: Uint8Array.of(33) })
    expect(Buffer.from(answer.data).toString()).toBe('tester!')
    expect(Math.abs(link.serverNowS() - server.getTimestamp())).toBeLessThan(0.05)
    await expect(link.call({ op: 'peek', topic: 'nope', n: 1 })).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
  })

  test('hundreds of calls in flight, each with its own answer', async () => {
    const { server, endpoint } = await startServer(freshEndpoint(scheme))
    server.onRequest('t', async (request) => new Uint8Array(request))
    const link = await connect(endpoint)
    const answers = await Promise.all(
      Array.from({ length: 900 }, (_, index) => {
        const data = new Uint8Array(Uint32Array.of(index).buffer)
        return link.call({ op: 'request', topic: 't', data })
      }),
    )
    expect(answers.map(({ data }) => Buffer.from(data).readUInt32LE())).toEqual(answers.map((_, index) => index))
  })
})

test('sends keep their order', async () => {
  const { endpoint } = await startServer(freshEndpoint())
  const link = await connect(endpoint)
  const puts = Array.from({ length: 2000 }, (_, index) =>
    link.call({ op: 'put', topic: 't', data: new Uint8Array(Uint32Array.of(index).buffer) }),
  )
  expect((await Promise.all(puts)).map(({ sequence }) => sequence)).toEqual(puts.map((_, index) => index + 1))
})

test('waits for a server that is not up yet, until told to stop', async () => {
  const endpoint = freshEndpoint()
  const reason = new RmqError('TIMEOUT', 'enough')
  await expect(connect(endpoint, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const controller = new AbortController()
  const inVain = connect(endpoint, { signal: controller.signal })
  controller.abort(reason)
  await expect(inVain).rejects.toBe(reason)
  const link = connect(endpoint)
  await new Promise((resolve) => setTimeout(resolve, 300))
  const { server } = await startServer(endpoint)
  expect((await link).dialect).toBe('rmq')
  // The time that the hello waited for the server is no part of its clock.
  expect(Math.abs((await link).serverNowS() - server.getTimestamp())).toBeLessThan(0.05)
})

test('an aborted call rejects with the reason; its late answer harms nobody', async () => {
  const { server, endpoint } = await startServer(freshEndpoint())
  let release = (_: Uint8Array) => {}
  server.onRequest('t', () => new Promise((resolve) => (release = resolve)))
  const link = await connect(endpoint)
  const reason = new Error('changed my mind')
  const controller = new AbortController()
  const call = link.call({ op: 'request', topic: 't', data: Uint8Array.of(1) }, { signal: controller.signal })
  await link.call({ op: 'list' })
  controller.abort(reason)
  await expect(call).rejects.toBe(reason)
  release(Uint8Array.of(2))
  await expect(link.call({ op: 'status', topic: 't' })).resolves.toEqual({ count: 0 })
  await expect(link.call({ op: 'list' }, { signal: controller.signal })).rejects.toBe(reason)
})

test('closing rejects what is pending and whatever comes later', async () => {
  const { server, endpoint } = await startServer(freshEndpoint())
  server.onRequest('t', () => new Promise(() => {}))
  const link = await connect(endpoint)
  const call = link.call({ op: 'request', topic: 't', data: Uint8Array.of(1) })
  await link.call({ op: 'list' })
  await link.close()
  await link.close()
  const closed = { code: 'CLOSED' }
  await expect(call).rejects.toMatchObject(closed)
  await expect(link.call({ op: 'list' })).rejects.toMatchObject(closed)
  await expect(link.ready()).rejects.toMatchObject(closed)
})

test.each(['ipc', 'tcp'] as const)('a server that returns is met again within 2 s, over %s', async (scheme) => {
  const first = await startServer(freshEndpoint(scheme))
  const events: string[] = []
  const link = await connect(first.endpoint, {
    onConnect: () => events.push('connect'),
    onDisconnect: () => events.push('disconnect'),
  })
  const { server } = link
  await first.server.close()
  await eventually(() => events.includes('disconnect'), 'the loss is noticed')
  const waiting = link.call({ op: 'list' })
  const again = await startServer(first.endpoint)
  const returned = performance.now()
  await waiting
  expect(performance.now() - returned).toBeLessThan(2000)
  expect(link.server).toBe(again.engine.server)
  expect(link.server).not.toBe(server)
  expect(events).toEqual(['connect', 'disconnect', 'connect'])
})

test('a call that the loss of the server left without an answer stays pending until it is aborted', async () => {
  const first = await startServer(freshEndpoint())
  first.server.onRequest('t', () => new Promise(() => {}))
  const link = await connect(first.endpoint)
  const controller = new AbortController()
  let settled = false
  const call = link.call({ op: 'request', topic: 't', data: Uint8Array.of(1) }, { signal: controller.signal })
  call.catch(() => {}).finally(() => (settled = true))
  await link.call({ op: 'list' })
  await first.server.close()
  await startServer(first.endpoint)
  await link.call({ op: 'list' })
  expect(settled).toBe(false)
  controller.abort(new Error('late'))
  await expect(call).rejects.toThrow('late')
})

test('a payload over the limit of the server is refused before it is sent', async () => {
  const { endpoint } = await startServer(freshEndpoint(), { maxMessageBytes: 1000 })
  const link = await connect(endpoint)
  await expect(link.call({ op: 'put', topic: 't', data: new Uint8Array(1001) })).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
  })
  await expect(link.call({ op: 'put', topic: 't', data: new Uint8Array(500) })).resolves.toBeDefined()
})

describe('the hello', () => {
  test('is said again to a server that is silent for a while', async () => {
    const { endpoint } = fakeRobotmq(
      () => 'silence',
      (nth) => (nth < 2 ? 'silence' : { body: Buffer.from('ffffffff', 'hex') }),
    )
    expect((await connect(endpoint)).dialect).toBe('robotmq')
  })

  test('"unauthorized" ends the attempt', async () => {
    const { endpoint } = fakeRobotmq(
      () => 'silence',
      () => ({ topic: 'unauthorized', command: -1, body: Buffer.from('Client IP `1.2.3.4` is not allowed.') }),
    )
    await expect(connect(endpoint)).rejects.toMatchObject({ code: 'UNAUTHORIZED', message: /1\.2\.3\.4/ })
  })

  test('a server of another version is named', async () => {
    const hello = Buffer.concat([Buffer.from('fffffffff5524d51', 'hex'), Buffer.from('{"versions":[7],"server":"x"}')])
    const { endpoint } = fakeRobotmq(
      () => 'silence',
      () => ({ body: hello }),
    )
    await expect(connect(endpoint)).rejects.toMatchObject({ code: 'VERSION_MISMATCH', message: /7/ })
  })

  test('a topic of that name on an original server is no hello', async () => {
    const { endpoint } = fakeRobotmq(
      () => 'silence',
      () => ({ body: Buffer.from('0100000000000000', 'hex') }),
    )
    expect((await connect(endpoint)).dialect).toBe('robotmq')
  })
})

test.each(['ipc://', 'tcp://127.0.0.1', 'tcp://127.0.0.1:0', 'tcp://*:5'])(
  '%s cannot be connected to',
  async (endpoint) => {
    await expect(connect(endpoint)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  },
)

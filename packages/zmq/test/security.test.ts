import { Buffer } from 'node:buffer'
import { existsSync } from 'node:fs'
import { type ClientSecurity, RMQClient, RMQLogLevel, type ServerOptions } from '@rmq/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Reply, Request } from 'zeromq'
import { generateKeyPair, zmqTransport } from '../src/index.ts'
import { freshEndpoint, temporaryFolder } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { recordingProxy } from './support/recording-proxy.ts'
import { startServer } from './support/test-server.ts'

const robot = generateKeyPair()
const arm = generateKeyPair()
const stranger = generateKeyPair()
const serverKey = robot.publicKey

/** A server that admits the arm. */
const guarded: ServerOptions = { security: { secretKey: robot.secretKey, clients: [arm.publicKey] } }
/** A client that is the arm. */
const asArm: ClientSecurity = { serverKey, secretKey: arm.secretKey }

async function connect(endpoint: string, security?: ClientSecurity, timeoutS = 20): Promise<RMQClient> {
  const client = await RMQClient.connect('tester', endpoint, {
    transports: [zmqTransport()],
    timeoutS,
    logLevel: RMQLogLevel.OFF,
    ...(security && { security }),
  })
  onTestFinished(() => client.close())
  return client
}

/** Resolves once the client was refused, which must not take until a timeout. */
async function expectRefused(connecting: Promise<unknown>, why: string): Promise<void> {
  const begin = performance.now()
  await expect(connecting).rejects.toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringContaining(why) })
  expect(performance.now() - begin).toBeLessThan(15_000)
}

async function roundTrip(client: RMQClient): Promise<string> {
  await client.putData('t', Buffer.from('hello'))
  return Buffer.from((await client.peekData('t', -1))[0]!.data).toString()
}

describe.each(['tcp', 'ipc'] as const)('keys on %s', (scheme) => {
  test('a client on the list is served, every command', async () => {
    const { server, endpoint } = await startServer(freshEndpoint(scheme), guarded)
    server.onRequest('t', async (request) => Buffer.concat([request, Buffer.from('!')]))
    const client = await connect(endpoint, asArm)
    expect(await roundTrip(client)).toBe('hello')
    expect(Buffer.from(await client.requestWithData('t', Buffer.from('hi'))).toString()).toBe('hi!')
    expect(await client.popData('t', 0)).toHaveLength(1)
    const image = Buffer.alloc(3_000_000, 7)
    await client.putData('t', image)
    expect(Buffer.compare((await client.peekData('t', -1))[0]!.data, image)).toBe(0)
  })

  test('without a list, whoever knows the server’s key is served', async () => {
    const { endpoint } = await startServer(freshEndpoint(scheme), { security: { secretKey: robot.secretKey } })
    expect(await roundTrip(await connect(endpoint, { serverKey }))).toBe('hello')
    expect(await roundTrip(await connect(endpoint, { serverKey, secretKey: stranger.secretKey }))).toBe('hello')
    await expectRefused(connect(endpoint), 'it has keys')
    await expectRefused(connect(endpoint, { serverKey: stranger.publicKey }), 'another key')
  })

  test('who is not on the list is told so at once', async () => {
    const { server, endpoint } = await startServer(freshEndpoint(scheme), guarded)
    await expectRefused(connect(endpoint, { serverKey, secretKey: stranger.secretKey }), 'security.clients')
    await expectRefused(connect(endpoint, { serverKey }), 'security.clients')
    expect((await server.counters()).refused).toBeGreaterThanOrEqual(2)
    await expectRefused(connect(endpoint, { ...asArm, serverKey: stranger.publicKey }), 'another key')
    await expectRefused(connect(endpoint), 'it has keys')
    expect(await roundTrip(await connect(endpoint, asArm))).toBe('hello')
  })

  test('a client with keys does not talk to a server without', async () => {
    const { endpoint } = await startServer(freshEndpoint(scheme))
    await expectRefused(connect(endpoint, asArm), 'it has no keys')
  })
})

test('a server that is not there is waited for, with keys as without', async () => {
  const endpoint = freshEndpoint()
  const waiting = connect(endpoint, asArm)
  await expect(connect(endpoint, asArm, 0.6)).rejects.toMatchObject({ code: 'TIMEOUT' })
  await startServer(endpoint, guarded)
  expect(await roundTrip(await waiting)).toBe('hello')
})

test('a client comes back by itself after a restart of the server, also after one that refused it', async () => {
  const endpoint = freshEndpoint()
  const first = await startServer(endpoint, guarded)
  const client = await connect(endpoint, asArm)
  expect(await roundTrip(client)).toBe('hello')
  await first.server.close()
  const second = await startServer(endpoint, guarded)
  expect(await roundTrip(client)).toBe('hello')
  await second.server.close()
  const third = await startServer(endpoint, { security: { secretKey: robot.secretKey, clients: [stranger.publicKey] } })
  await expectRefused(client.peekData('t', -1), 'security.clients')
  await third.server.close()
  await startServer(endpoint, guarded)
  await eventually(() => roundTrip(client).then(Boolean, () => false), 'the client is served again', 15_000)
})

test('servers of one process have keys and lists of their own, and outlive each other', async () => {
  const other = generateKeyPair()
  const one = await startServer(freshEndpoint('tcp'), guarded)
  const two = await startServer(freshEndpoint('tcp'), {
    security: { secretKey: other.secretKey, clients: [stranger.publicKey] },
  })
  const asStranger = { serverKey: other.publicKey, secretKey: stranger.secretKey }
  expect(await roundTrip(await connect(one.endpoint, asArm))).toBe('hello')
  expect(await roundTrip(await connect(two.endpoint, asStranger))).toBe('hello')
  await expectRefused(connect(two.endpoint, { ...asStranger, secretKey: arm.secretKey }), 'security.clients')
  await expectRefused(connect(one.endpoint, { ...asArm, secretKey: stranger.secretKey }), 'security.clients')
  await one.server.close()
  expect(await roundTrip(await connect(two.endpoint, asStranger))).toBe('hello')
  await two.server.close()
  const again = await startServer(freshEndpoint('tcp'), guarded)
  expect(await roundTrip(await connect(again.endpoint, asArm))).toBe('hello')
})

test('who listens on the way sees the plain text without keys, and never with them', async () => {
  const secret = 'the door code is 4711'
  for (const [options, security] of [[{}, undefined] as const, [guarded, asArm] as const]) {
    const { server, endpoint } = await startServer(freshEndpoint('tcp'), options)
    server.addTopic('a name to look for', { messageRemainingTimeS: 10 })
    const proxy = await recordingProxy(endpoint)
    const client = await connect(proxy.endpoint, security)
    await client.putData('a name to look for', Buffer.from(secret))
    expect(Buffer.from((await client.peekData('a name to look for', -1))[0]!.data).toString()).toBe(secret)
    const recorded = proxy.recorded()
    expect(recorded.byteLength).toBeGreaterThan(200)
    for (const text of [secret, 'a name to look for', 'tester']) {
      expect(recorded.includes(text), text).toBe(security === undefined)
    }
  }
})

test('whoever else asks or answers for admission in this process is left alone', async () => {
  const zap = new Reply({ linger: 0 })
  onTestFinished(() => zap.close())
  // The place where sockets of the context that all share ask, for instance those of the program's own.
  zap.bindSync('inproc://zeromq.zap.01')
  let asked = 0
  void (async () => {
    for await (const [version, request] of zap) {
      asked += 1
      await zap.send([version!, request!, '200', 'OK', '', ''])
    }
  })().catch(() => {})
  const { endpoint } = await startServer(freshEndpoint('tcp'), guarded)
  await expectRefused(connect(endpoint, { serverKey, secretKey: stranger.secretKey }), 'security.clients')
  expect(await roundTrip(await connect(endpoint, asArm))).toBe('hello')
  expect(asked).toBe(0)
  // Nor can what comes over an endpoint reach it: these frames are no more than a malformed message.
  const open = await startServer(freshEndpoint('tcp'))
  const hostile = new Request({ linger: 0, receiveTimeout: 2000 })
  onTestFinished(() => hostile.close())
  hostile.connect(open.endpoint)
  await hostile.send(['1.0', '1', 'rmq-1', '127.0.0.1', '', 'CURVE', Buffer.alloc(32)])
  await eventually(async () => (await open.server.counters()).malformed > 0, 'the frames are counted')
  await expectRefused(connect(endpoint, { serverKey, secretKey: stranger.secretKey }), 'security.clients')
})

describe('options', () => {
  const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

  test.each<[string, object]>([
    ['no secret key', { security: {} }],
    ['two secret keys', { security: { secretKey: robot.secretKey, secretKeyFile: 'x' } }],
    ['a key that is none', { security: { secretKey: 'x' } }],
    ['an empty list', { security: { secretKey: robot.secretKey, clients: [] } }],
    ['a list with a key that is none', { security: { secretKey: robot.secretKey, clients: ['x'] } }],
    ['a misspelt list', { security: { secretKey: robot.secretKey, client: [arm.publicKey] } }],
    ['a list that is none', { security: { secretKey: robot.secretKey, clients: arm.publicKey } }],
    ['an address that is none', { allowedIps: ['robot'] }],
    ['security.endpoints', { security: { secretKey: robot.secretKey, endpoints: 'ipc' } }],
    ['robotmqClients', { robotmqClients: 'tcp' }],
    ['maxClients', { maxClients: 0 }],
    ['maxMessageBytes', { maxMessageBytes: Number.NaN }],
  ])('a server refuses %s', async (_what, options) => {
    const path = `${temporaryFolder()}/s`
    await expect(startServer(`ipc://${path}`, options as ServerOptions)).rejects.toEqual(invalid)
    expect(existsSync(path)).toBe(false)
  })

  test.each<[string, object]>([
    ['no server key', {}],
    ['two server keys', { serverKey, serverKeyFile: 'x' }],
    ['two secret keys', { serverKey, secretKey: arm.secretKey, secretKeyFile: 'x' }],
    ['a misspelt key', { serverKey, secretkey: arm.secretKey }],
    ['a server key that is none', { serverKey: 'x' }],
    ['a secret key that is none', { serverKey, secretKey: 'x' }],
  ])('a client refuses %s', async (_what, security) => {
    await expect(connect(freshEndpoint(), security as ClientSecurity)).rejects.toEqual(invalid)
  })

  test('a bind that the network reaches warns as long as there are no keys', async () => {
    const warn = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const logLevel = RMQLogLevel.WARNING
    await startServer('tcp://0.0.0.0:0', { ...guarded, logLevel })
    expect(warn).not.toHaveBeenCalled()
    await startServer('tcp://0.0.0.0:0', { allowedIps: ['127.0.0.1'], logLevel })
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/without keys.*can be read/)]])
  })
})

test('keys may be for tcp alone', async () => {
  const { endpoint } = await startServer(freshEndpoint('tcp'), { security: { ...guarded.security!, endpoints: 'tcp' } })
  await expectRefused(connect(endpoint), 'it has keys')
  const path = `${temporaryFolder()}/s`
  const ipc = await startServer(`ipc://${path}`, { security: { ...guarded.security!, endpoints: 'tcp' } })
  expect(await roundTrip(await connect(ipc.endpoint))).toBe('hello')
  expect(existsSync(`${path}.lane`)).toBe(true)
})

test('with keys there is no lane past them', async () => {
  const path = `${temporaryFolder()}/s`
  const { endpoint } = await startServer(`ipc://${path}`, guarded)
  expect(await roundTrip(await connect(endpoint, asArm))).toBe('hello')
  expect(existsSync(`${path}.lane`)).toBe(false)
})

describe('allowedIps', () => {
  test('other addresses are refused at once, on tcp alone', async () => {
    const options = { allowedIps: ['127.0.0.2', '10.0.0.0/8'] }
    const tcp = await startServer('tcp://127.0.0.1:0', options)
    await expectRefused(connect(tcp.endpoint), 'allowedIps')
    expect((await tcp.server.counters()).refused).toBeGreaterThan(0)
    const ipc = await startServer(freshEndpoint(), options)
    expect(await roundTrip(await connect(ipc.endpoint))).toBe('hello')
  })

  test('those on the list are served', async () => {
    const { endpoint } = await startServer('tcp://127.0.0.1:0', { allowedIps: ['127.0.0.0/8'] })
    expect(await roundTrip(await connect(endpoint))).toBe('hello')
  })

  test('with keys, both have to fit', async () => {
    const far = await startServer('tcp://127.0.0.1:0', { ...guarded, allowedIps: ['127.0.0.2'] })
    await expectRefused(connect(far.endpoint, asArm), 'allowedIps')
    const near = await startServer('tcp://127.0.0.1:0', { ...guarded, allowedIps: ['127.0.0.1'] })
    expect(await roundTrip(await connect(near.endpoint, asArm))).toBe('hello')
    await expectRefused(connect(near.endpoint, { serverKey }), 'security.clients')
  })
})

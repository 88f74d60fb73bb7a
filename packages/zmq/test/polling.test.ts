import { type Message, RMQClient, RMQLogLevel } from '@rmq/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { type PythonPeer, python, startPython, toBase64 } from './support/python.ts'

const transports = [zmqTransport()]

async function setUp(endpoint = freshEndpoint()) {
  const server = await startPython('server', endpoint)
  await server.ask({ op: 'addTopic', topic: 't', seconds: 60 })
  const client = await RMQClient.connect('client', endpoint, { transports, logLevel: RMQLogLevel.OFF })
  onTestFinished(() => client.close())
  return { server, client, endpoint }
}

const put = (server: PythonPeer, text: string) => server.ask({ op: 'put', topic: 't', data: toBase64(text) })
const textOf = (message: Message | undefined) => Buffer.from(message!.data).toString()

describe.skipIf(python === undefined)("a topic of robotmq's server is followed by polling", () => {
  test('which describe says', async () => {
    const { client } = await setUp()
    expect(await client.describe('t')).toMatchObject({ name: 't', access: 'polling', reason: /robotmq/, epoch: '' })
    await expect(client.describe('nope')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
    await expect(client.subscribe('nope').next()).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
  })

  test('from the oldest, each record once and in order, the same bytes twice included', async () => {
    const { server, client } = await setUp()
    const expected = ['a', 'b', 'b', 'c']
    for (const text of expected) await put(server, text)
    const subscription = client.subscribe('t', { from: 'oldest' })
    await subscription.ready
    const later = Array.from({ length: 40 }, (_, index) => `${index >> 1}`)
    const puts = (async () => {
      for (const text of later) await put(server, text)
    })()
    const got: string[] = []
    while (got.length < expected.length + later.length) got.push(textOf((await subscription.next()).value))
    await puts
    expect(got).toEqual([...expected, ...later])
    expect(subscription.counts).toEqual({ received: got.length, lost: 0, skipped: 0 })
  })

  test('new and latest begin where they say', async () => {
    const { server, client } = await setUp()
    await put(server, 'a')
    await put(server, 'b')
    const subscriptions = [
      client.subscribe('t', { from: 'new' }),
      client.subscribe('t', { from: 'latest' }),
      client.subscribe('t', { policy: 'latest' }),
    ]
    await Promise.all(subscriptions.map(({ ready }) => ready))
    await put(server, 'c')
    const first = await Promise.all(subscriptions.map((subscription) => subscription.next()))
    expect(first.map(({ value }) => textOf(value))).toEqual(['c', 'b', expect.stringMatching(/[bc]/)])
    expect(textOf((await subscriptions[1]!.next()).value)).toBe('c')
  })

  test('a server that comes back is followed on', async () => {
    const { server, client, endpoint } = await setUp()
    await put(server, 'a')
    const subscription = client.subscribe('t')
    expect(textOf((await subscription.next()).value)).toBe('a')
    const next = subscription.next()
    await server.kill()
    const again = await startPython('server', endpoint)
    await again.ask({ op: 'addTopic', topic: 't', seconds: 60 })
    await put(again, 'b')
    const { value } = await next
    expect([textOf(value), value!.lostBefore]).toEqual(['b', 0])
  })
})

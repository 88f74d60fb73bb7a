import { conformance } from '@rmq/core/conformance'
import { deserialize, type Message, NDArray, RMQClient, RMQLogLevel, RMQServer, RmqError, serialize } from 'robotmq'
import { describe, expect, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'
import { describePython, PythonPeer } from './support/python-peer.ts'
import { addTopicOfKind } from './support/topic-kinds.ts'

const logLevel = RMQLogLevel.OFF
const KEPT = { messageRemainingTimeS: 60 }

/** What Python raises, in the words of this side, so that the shared cases can judge it. */
async function inOurWords<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    const text = (error as Error).message
    const code = text.includes('not found')
      ? 'TOPIC_NOT_FOUND'
      : text.includes('over the limit')
        ? 'MESSAGE_TOO_LARGE'
        : /TypeError|ValueError|OverflowError/.test(text)
          ? 'INVALID_ARGUMENT'
          : text.includes('Server returned error')
            ? 'REQUEST_FAILED'
            : 'MALFORMED_MESSAGE'
    throw new RmqError(code, text)
  }
}

const toMessages = ([data, times]: [Uint8Array[], number[]]): Message[] =>
  data.map((bytes, index) => ({ data: bytes, timestampS: times[index] }) as Message)

for (const version of ['0.1.16', '0.1.14'] as const) {
  describePython(version, `a Python client ${version} and our server`, (python) => {
    describe.each([
      ['heap', 'ipc'],
      ['heap', 'tcp'],
      ['shared memory', 'ipc'],
      ['shared memory', 'tcp'],
    ] as const)('%s topics over %s', (kind, scheme) => {
      conformance({
        test,
        lacks: ['sequences', 'parallel calls', 'subscriptions', ...(kind === 'heap' ? [] : (['limits'] as const))],
        async factory() {
          const server = await RMQServer.bind('server', await freshEndpoint(scheme), { logLevel })
          const client = await PythonPeer.start(python, 'client', server.endpoints[0]!)
          const call = <T>(name: string, ...args: unknown[]) => inOurWords(client.call<T>(name, ...args))
          return {
            addTopic: (topic, options) => addTopicOfKind(server, kind, topic, options),
            putData: (topic, data) => call('put_data', topic, data),
            peekData: async (topic, n) => toMessages(await call('peek_data', topic, n)),
            popData: async (topic, n) => toMessages(await call('pop_data', topic, n)),
            getTopicStatus: (topic) => call('get_topic_status', topic, 5),
            requestWithData: (topic, data) => call('request_with_data', topic, data),
            onRequest: (topic, handler) => server.onRequest(topic, handler),
            async close() {
              await client.close()
              await server.close()
            },
          }
        },
      })
    })
  })

  describePython(version, `our client and a Python server ${version}`, (python) => {
    describe.each(['ipc', 'tcp'] as const)('over %s', (scheme) => {
      conformance({
        test,
        lacks: ['sequences', 'exact pop', 'limits', 'expiry on read', 'requests', 'subscriptions'],
        async factory() {
          const endpoint = await freshEndpoint(scheme)
          const server = await PythonPeer.start(python, 'server', endpoint)
          const client = await RMQClient.connect('client', endpoint, { logLevel })
          return {
            addTopic: (topic, options) => server.call('add_topic', topic, options.messageRemainingTimeS),
            putData: (topic, data) => client.putData(topic, data),
            peekData: (topic, n) => client.peekData(topic, n),
            popData: (topic, n) => client.popData(topic, n),
            getTopicStatus: (topic) => client.getTopicStatus(topic),
            async close() {
              await client.close()
              await server.close()
            },
          }
        },
      })

      test('requests, pops as the original pops, and what it cannot do', async () => {
        const endpoint = await freshEndpoint(scheme)
        const server = await PythonPeer.start(python, 'server', endpoint)
        await server.call('add_topic', 'r', 60)
        await server.call('add_topic', 't', 60)
        await server.call('serve_requests')
        const client = await RMQClient.connect('client', endpoint, { logLevel })
        expect([...(await client.requestWithData('r', new Uint8Array([1, 2, 3])))]).toEqual([3, 2, 1])
        expect([...(await client.requestWithData('r', new Uint8Array([4, 5])))]).toEqual([5, 4])
        for (const value of [1, 2, 3]) await client.putData('t', new Uint8Array([value]))
        const popped = await client.popData('t', 1)
        expect(popped.map(({ data }) => data[0])).toEqual([1, 2, 3])
        expect(popped[0]).toMatchObject({ sequence: Number.NaN, epoch: '' })
        expect(popped[0]!.ageS()).toBeGreaterThan(-0.1)
        expect(popped[0]!.ageS()).toBeLessThan(10)
        await expect(client.listTopics()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
        await client.close()
        await server.close()
      })
    })
  })
}

describePython('0.1.16', 'values between the languages', (python) => {
  test('an observation put here is read there, and the other way round', async () => {
    const server = await RMQServer.bind('server', await freshEndpoint('ipc'), { logLevel })
    server.addTopic('t', KEPT)
    const peer = await PythonPeer.start(python, 'client', server.endpoints[0]!)
    const image = NDArray.fromBytes(
      Uint8Array.from({ length: 24 }, (_, index) => index),
      'uint8',
      [2, 4, 3],
    )
    const observation = { image, joints: NDArray.from([0.5, -1.5]), prompt: 'pick the red cube', step: 3 }
    server.putData('t', serialize(observation))
    const [[bytes]] = await peer.call<[Uint8Array[], number[]]>('peek_data', 't', -1)
    const again = deserialize(bytes!) as typeof observation
    expect(again.image.toNested()).toEqual(image.toNested())
    await peer.call('put_data', 't', bytes)
    const [newest] = await server.peekData('t', -1)
    expect((deserialize(newest!.data) as typeof observation).prompt).toBe('pick the red cube')
    await peer.close()
    await server.close()
  })
})

describePython('0.1.16', 'at most once with a Python client that resends', (python) => {
  test('a slow handler runs once, and the resends get its answer', async () => {
    const server = await RMQServer.bind('server', await freshEndpoint('tcp'), { logLevel })
    server.addTopic('r', KEPT)
    let runs = 0
    const aborted: boolean[] = []
    server.onRequest('r', async (request, { signal }) => {
      runs += 1
      signal.addEventListener('abort', () => aborted.push(true))
      await new Promise((resolve) => setTimeout(resolve, 1500))
      return request
    })
    const peer = await PythonPeer.start(python, 'client', server.endpoints[0]!)
    const answer = peer.callWith<Uint8Array>('request_with_data', ['r', new Uint8Array([9])], { timeout_s: 0.2 })
    expect([...(await answer)]).toEqual([9])
    expect(runs).toBe(1)
    expect(aborted).toEqual([])
    await peer.close()
    await server.close()
  })
})

import {
  heapHome,
  inProcessTransport,
  LocalEngine,
  type RequestContext,
  RMQClient,
  RMQLogLevel,
  RMQServer,
} from '@rmq/core'
import { expect, test } from 'vitest'
import { pair } from './support/subjects.ts'

const KEPT = { messageRemainingTimeS: 60 }
const bytes = (value: number) => new Uint8Array([value])

test('waitForRequest and replyRequest, by request and by topic, several at once', async () => {
  const { server, client } = await pair()
  server.addTopic('r', KEPT)
  const answers = [1, 2, 3].map((value) => client.requestWithData('r', bytes(value)))
  const requests = await Promise.all([1, 2, 3].map(() => server.waitForRequest(5)))
  expect(requests.map((request) => request?.data[0])).toEqual([1, 2, 3])
  expect(requests.map((request) => request?.sequence)).toEqual([1, 2, 3])
  expect(requests[0]).toMatchObject({ topic: 'r', clientName: 'client' })
  server.replyRequest(requests[2]!, bytes(30))
  server.replyRequest('r', bytes(10))
  server.replyRequest('r', bytes(20))
  expect((await Promise.all(answers)).map((data) => data[0])).toEqual([10, 20, 30])
  expect(() => server.replyRequest('r', bytes(1))).toThrow(/No request/)
  await client.close()
  await server.close()
})

test('waitForRequest gives up in time, and replyRequest by topic answers only what was waited for', async () => {
  const { server, client } = await pair()
  server.addTopic('r', KEPT)
  expect(await server.waitForRequest(0)).toBeUndefined()
  expect(await server.waitForRequest(0.01)).toBeUndefined()
  const answer = client.requestWithData('r', bytes(1))
  await expect.poll(() => server.listTopics().then(() => true)).toBe(true)
  expect(() => server.replyRequest('r', bytes(9))).toThrow(/No request/)
  const request = await server.waitForRequest(5)
  server.replyRequest(request!, bytes(2))
  expect((await answer)[0]).toBe(2)
  await client.close()
  await server.close()
})

test('a handler gets the request as bytes with its circumstances', async () => {
  const { server, client } = await pair()
  server.addTopic('r', KEPT)
  const seen: RequestContext[] = []
  server.onRequest('r', async (request, context) => {
    seen.push(context)
    expect(request).toBeInstanceOf(Uint8Array)
    expect(new Uint8Array(request)).toEqual(new Uint8Array(request.data))
    expect(Object.keys(request)).toEqual(['0'])
    return request
  })
  expect((await client.requestWithData('r', bytes(7)))[0]).toBe(7)
  expect(seen[0]).toMatchObject({ topic: 'r', clientName: 'client', sequence: 1 })
  expect(seen[0]?.signal.aborted).toBe(false)
  await client.close()
  await server.close()
})

test('requests that came before their handler are served by it', async () => {
  const { server, client } = await pair()
  server.addTopic('r', KEPT)
  const answer = client.requestWithData('r', bytes(1))
  await new Promise((resolve) => setImmediate(resolve))
  server.onRequest('r', async () => bytes(5))
  expect((await answer)[0]).toBe(5)
  await client.close()
  await server.close()
})

test('a client that goes away aborts the signal of its handler', async () => {
  const { server, client } = await pair()
  server.addTopic('r', KEPT)
  const started = deferred<AbortSignal>()
  server.onRequest('r', async (_, { signal }) => {
    started.resolve(signal)
    await new Promise(() => {})
    return bytes(1)
  })
  const answer = client.requestWithData('r', bytes(1))
  const signal = await started.promise
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  await client.close()
  await expect(answer).rejects.toMatchObject({ code: 'CLOSED' })
  await aborted
  await server.close()
})

test('a request that no handler takes fails after its wait, one beyond the bound at once', async () => {
  const transports = [inProcessTransport()]
  const engine = new LocalEngine({ homes: [heapHome()], transports })
  const logLevel = RMQLogLevel.OFF
  const limits = { requestWaitS: 0.05, maxPendingRequests: 1 }
  const server = await RMQServer.bind('s', 'inproc://s', { engine, logLevel, ...limits })
  const client = await RMQClient.connect('c', 'inproc://s', { transports, logLevel })
  server.addTopic('r', KEPT)
  const waiting = client.requestWithData('r', bytes(1))
  await expect(client.requestWithData('r', bytes(2))).rejects.toMatchObject({ code: 'NO_SPACE' })
  await expect(waiting).rejects.toMatchObject({ code: 'REQUEST_FAILED', message: expect.stringContaining('onRequest') })
  await client.close()
  await server.close()
})

test('an aborted call rejects with the reason unchanged', async () => {
  const { server, client } = await pair()
  server.addTopic('r', KEPT)
  const reason = { mine: true }
  const controller = new AbortController()
  const answer = client.requestWithData('r', bytes(1), { signal: controller.signal })
  controller.abort(reason)
  await expect(answer).rejects.toBe(reason)
  await expect(client.peekData('r', 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await client.close()
  await server.close()
})

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

import { Worker } from 'node:worker_threads'
import { RMQClient, RMQLogLevel, RMQServer, steadyClockUs } from 'robotmq'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'

const logLevel = RMQLogLevel.OFF
const MIB = 2 ** 20

let server: RMQServer
let client: RMQClient

beforeEach(async () => {
  server = await RMQServer.bind('server', await freshEndpoint('ipc'), { logLevel })
  server.addSharedMemoryTopic('t', { messageRemainingTimeS: 60, capacityBytes: MIB })
  server.addTopic('heap', { messageRemainingTimeS: 60 })
  client = await RMQClient.connect('client', server.endpoints[0]!, { logLevel })
})

afterEach(async () => {
  await client.close()
  await server.close()
})

const bytes = (value: number, length = 1000) => new Uint8Array(length).fill(value)

test('options of a topic are checked, and a topic exists once', () => {
  const add = (options: object) => () => server.addSharedMemoryTopic('u', options as never)
  for (const options of [
    undefined,
    {},
    { messageRemainingTimeS: 1 },
    { messageRemainingTimeS: 0, capacityBytes: MIB },
    { messageRemainingTimeS: 1, capacityBytes: -1 },
    { messageRemainingTimeS: 1, capacityBytes: 1.5 },
    { messageRemainingTimeS: 1, capacityBytes: MIB, sharedMemorySizeGb: 1 },
    { messageRemainingTimeS: 1, sharedMemorySizeGb: 0 },
    { messageRemainingTimeS: 1, capacityBytes: MIB, participants: 257 },
    { messageRemainingTimeS: 1, capacityBytes: MIB, maxRecords: 0 },
  ]) {
    expect(add(options as object), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  }
  expect(() => server.addSharedMemoryTopic('t', { messageRemainingTimeS: 1, capacityBytes: MIB })).toThrow(
    expect.objectContaining({ code: 'TOPIC_EXISTS' }),
  )
  expect(() => server.addSharedMemoryTopic('big', { messageRemainingTimeS: 1, sharedMemorySizeGb: 100 })).toThrow(
    expect.objectContaining({ code: 'NO_SPACE' }),
  )
})

describe('a loan', () => {
  test('is seen once committed, as long as was said', async () => {
    const loan = server.loan('t', 5000)
    loan.bytes.fill(7)
    expect(await client.peekData('t', 0)).toEqual([])
    loan.commit({ captureTimeS: 12.5, byteLength: 3000 })
    expect(loan.bytes.byteLength).toBe(0)
    const [message] = await client.peekData('t', -1)
    expect(message).toMatchObject({ sequence: 1, captureTimeS: 12.5 })
    expect(message!.data).toEqual(bytes(7, 3000))
    expect(() => loan.commit()).toThrow(expect.objectContaining({ code: 'CLOSED' }))
    loan.discard()
  })

  test('is never seen when discarded, and a few may be open', async () => {
    const loans = [1, 2, 3].map((value) => {
      const loan = server.loan('t', 1000)
      loan.bytes.fill(value)
      return loan
    })
    expect(() => server.loan('t', 1000)).toThrow(expect.objectContaining({ code: 'LEASE_LIMIT' }))
    loans[1]!.discard()
    loans[2]!.commit()
    loans[0]!.commit()
    const messages = await client.peekData('t', 0)
    expect(messages.map(({ data }) => data[0])).toEqual([3, 1])
  })

  test('is refused where it cannot be', () => {
    expect(() => server.loan('heap', 10)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
    expect(() => server.loan('nope', 10)).toThrow(expect.objectContaining({ code: 'TOPIC_NOT_FOUND' }))
    expect(() => server.loan('t', 2 * MIB)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }))
    for (const length of [0, -1, 1.5, Number.NaN]) {
      expect(() => server.loan('t', length)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    }
  })
})

describe('a view', () => {
  test('is the newest record in place until it is released', async () => {
    expect(client.view('t')).toBeUndefined()
    server.putData('t', bytes(1))
    server.putData('t', bytes(2), { captureTimeS: 3 })
    const view = client.view('t')!
    expect(view).toMatchObject({ topic: 't', sequence: 2, captureTimeS: 3, lostBefore: 0 })
    expect(view.data).toEqual(bytes(2))
    expect(view.ageS()).toBeLessThan(10)
    // Laps the topic several times: what is viewed stays what it is.
    for (let put = 0; put < 5000; put++) server.putData('t', bytes(3))
    expect(view.data.every((byte) => byte === 2)).toBe(true)
    view.release()
    expect(view.data.byteLength).toBe(0)
    view.release()
  })

  test('ends with `using`', () => {
    server.putData('t', bytes(1))
    let data: Uint8Array
    {
      using view = client.view('t')!
      data = view.data
      expect(data.byteLength).toBe(1000)
    }
    expect(data.byteLength).toBe(0)
  })

  test('is limited in number and refused elsewhere', () => {
    server.putData('t', bytes(1))
    const views = Array.from({ length: 16 }, () => client.view('t')!)
    expect(() => client.view('t')).toThrow(expect.objectContaining({ code: 'LEASE_LIMIT' }))
    views[0]!.release()
    client.view('t')!.release()
    for (const view of views) view.release()
    expect(() => client.view('heap')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
    expect(() => client.view('')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  test('says when the server is not reached', async () => {
    const lost = new Promise<void>((resolve) => client.on('disconnect', resolve))
    await server.close()
    await lost
    expect(() => client.view('t')).toThrow(expect.objectContaining({ code: 'DISCONNECTED' }))
    await client.close()
    expect(() => client.view('t')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  })
})

test('into takes one record without fresh memory', async () => {
  server.putData('t', bytes(1))
  server.putData('t', bytes(2, 500))
  const into = new Uint8Array(1000)
  const [oldest] = await client.peekData('t', 1, { into })
  expect(oldest!.data.buffer).toBe(into.buffer)
  expect(oldest!.data).toEqual(bytes(1))
  const [newest] = await client.peekData('t', -1, { into })
  expect(newest!.data).toEqual(bytes(2, 500))
  await expect(client.peekData('t', 1, { into: new Uint8Array(999) })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('1000'),
  })
  await expect(client.peekData('t', 0, { into })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

test('describe tells how a topic is reached', async () => {
  expect(await client.describe('t')).toMatchObject({ kind: 'shared memory', access: 'attached', name: 't' })
  expect(await client.describe('heap')).toMatchObject({ kind: 'heap', access: 'link' })
  expect((await client.describe('heap')).reason).toBeUndefined()
  await expect(client.describe('nope')).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
})

test('listTopics counts what all processes did', async () => {
  for (let put = 0; put < 3; put++) server.putData('t', bytes(put))
  await client.putData('t', bytes(9))
  await client.popData('t', 1)
  expect(() => server.putData('t', bytes(1, 2 * MIB))).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }))
  const status = (await client.listTopics()).find(({ topic }) => topic === 't')
  expect(status).toMatchObject({
    kind: 'shared memory',
    count: 3,
    bytes: 3000,
    published: 4,
    publishedBytes: 4000,
    popped: 1,
    rejected: 1,
  })
  expect(await client.getTopicStatus('t')).toBe(3)
  expect(await server.getAllTopicStatus()).toEqual({ t: 3, heap: 0 })
})

test('the time of a record is the same on all sides', async () => {
  const beforeS = server.getTimestamp()
  server.putData('t', bytes(1), { captureTimeS: steadyClockUs() / 1e6 })
  const afterS = server.getTimestamp()
  const [here] = await server.peekData('t', -1)
  const [there] = await client.peekData('t', -1)
  expect(here!.timestampS).toBeGreaterThanOrEqual(beforeS - 1e-6)
  expect(here!.timestampS).toBeLessThanOrEqual(afterS + 1e-6)
  expect(there!.timestampS).toBe(here!.timestampS)
  expect(there!.captureTimeS).toBe(here!.captureTimeS)
  server.resetStartTime(0)
  server.putData('t', bytes(2))
  const [unix] = await client.peekData('t', -1)
  expect(unix!.timestampS).toBeCloseTo(Date.now() / 1000, -1)
  expect(unix).toMatchObject({ sequence: 1 })
  expect(unix!.ageS()).toBeLessThan(10)
})

test('requests on a shared memory topic are answered as on any', async () => {
  server.onRequest('t', async (data) => data.slice().reverse())
  expect([...(await client.requestWithData('t', new Uint8Array([1, 2, 3])))]).toEqual([3, 2, 1])
  expect(await client.getTopicStatus('t')).toBe(0)
})

test('the end of the server ends what is attached, and the next run is attached again', async () => {
  server.putData('t', bytes(1))
  const view = client.view('t')!
  const subscription = client.subscribe('t', { from: 'oldest' })
  expect((await subscription.next()).value).toMatchObject({ sequence: 1 })
  const next = subscription.next()
  const [endpoint] = server.endpoints
  await server.close()
  expect(view.data).toEqual(bytes(1))
  view.release()
  await expect(client.peekData('t', -1, { timeoutS: 0.1, automaticResend: false })).rejects.toMatchObject({
    code: 'TIMEOUT',
  })
  server = await RMQServer.bind('server', endpoint!, { logLevel })
  // The topic comes later than the connection.
  await client.listTopics({ timeoutS: 5 })
  server.addSharedMemoryTopic('t', { messageRemainingTimeS: 60, capacityBytes: MIB })
  server.putData('t', bytes(2))
  const { value } = await next
  expect(value).toMatchObject({ sequence: 1, lostBefore: 0 })
  expect(value!.data).toEqual(bytes(2))
  expect(subscription.counts).toEqual({ received: 2, lost: 0, skipped: 0 })
  expect((await client.describe('t')).access).toBe('attached')
})

test('a drop event tells what a subscription lost', async () => {
  const drops: number[] = []
  client.on('drop', ({ topic, lost }) => topic === 't' && drops.push(lost))
  const subscription = client.subscribe('t', { from: 'new' })
  await subscription.ready
  for (let put = 0; put < 3000; put++) server.putData('t', bytes(put & 255))
  const { value } = await subscription.next()
  expect(value!.lostBefore).toBeGreaterThan(0)
  expect(drops).toEqual([value!.lostBefore])
  expect(value!.sequence).toBe(value!.lostBefore + 1)
})

test('a worker thread is attached on its own', async () => {
  server.putData('t', bytes(1))
  const source = `
    import { parentPort, workerData } from 'node:worker_threads'
    import { RMQClient } from ${JSON.stringify(import.meta.resolve('robotmq'))}
    const client = await RMQClient.connect('worker', workerData)
    const { access } = await client.describe('t')
    const subscription = client.subscribe('t')
    const { value } = await subscription.next()
    const next = subscription.next()
    parentPort.postMessage([access, value.data[0]])
    parentPort.postMessage((await next).value.data[0])
    await client.close()`
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`)
  const worker = new Worker(url, { workerData: server.endpoints[0] })
  const said: unknown[] = []
  const ended = new Promise<number>((resolve, reject) => worker.once('exit', resolve).once('error', reject))
  worker.on('message', (message) => {
    said.push(message)
    if (said.length === 1) server.putData('t', bytes(2))
  })
  expect(await ended).toBe(0)
  expect(said).toEqual([['attached', 1], 2])
})

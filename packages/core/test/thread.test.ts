import { RMQLogLevel, RMQServer } from '@rmq/core'
import { expect, test } from 'vitest'
import { threadEngine } from './support/subjects.ts'

const KEPT = { messageRemainingTimeS: 60 }
const logLevel = RMQLogLevel.OFF

async function threadServer(limits: object = {}) {
  const engine = threadEngine()
  const server = await RMQServer.bind('test', 'inproc://test', { engine, logLevel, ...limits })
  return { server, engine }
}

test('puts of this thread and of a client inside the message thread make one order', async () => {
  const { server, engine } = await threadServer()
  server.addTopic('t', KEPT)
  let racing = true
  const race = engine.listen('race://t/1000').finally(() => {
    racing = false
  })
  let localPuts = 0
  while (racing) {
    for (let burst = 0; burst < 20; burst++) server.putData('t', record(0, ++localPuts))
    // A producer that is faster than the thread for long would only make the queue longer.
    if (localPuts % 1000 === 0) await server.getTopicStatus('t')
    else await new Promise((resolve) => setImmediate(resolve))
  }
  await race
  const messages = await server.peekData('t', 0)
  expect(messages.map(({ sequence }) => sequence)).toEqual(messages.map((_, index) => index + 1))
  expect(messages.every((message, index) => index === 0 || message.timestampS >= messages[index - 1]!.timestampS)).toBe(
    true,
  )
  for (const [producer, puts] of [
    [0, localPuts],
    [1, 1000],
  ] as const) {
    const counts = messages.filter(({ data }) => data[0] === producer).map(({ data }) => countOf(data))
    expect(counts).toEqual(Array.from({ length: puts }, (_, index) => index + 1))
  }
  await server.close()
})

test('what was put before a read is seen by it, however full the port is', async () => {
  const { server } = await threadServer()
  server.addTopic('t', KEPT)
  for (let count = 1; count <= 5000; count++) server.putData('t', record(0, count))
  const [newest] = await server.peekData('t', -1)
  expect(countOf(newest!.data)).toBe(5000)
  await server.close()
})

test('puts that the message thread has not taken in are bounded, and what is refused is counted', async () => {
  const { server } = await threadServer({ maxBytesInFlight: 1000 })
  server.addTopic('t', KEPT)
  server.putData('t', new Uint8Array(5000)) // a record over the limit passes alone
  let refused = 0
  for (let count = 0; count < 100; count++) {
    try {
      server.putData('t', new Uint8Array(900))
    } catch (error) {
      expect(error).toMatchObject({ code: 'NO_SPACE' })
      refused += 1
    }
  }
  expect(refused).toBeGreaterThan(0)
  const [status] = await server.listTopics()
  expect(status).toMatchObject({ rejected: refused, published: 101 - refused })
  server.putData('t', new Uint8Array(900))
  await server.close()
})

test('the death of the message thread rejects what is pending, `closed`, and what comes later', async () => {
  const { server, engine } = await threadServer()
  server.addTopic('t', KEPT)
  // The answer may come, or be overtaken by the news of the death.
  await engine.listen('die://now').catch(() => {})
  const pending = server.peekData('t', 1).then(
    () => 'answered before the end',
    (error) => error.code,
  )
  await expect(server.closed).rejects.toMatchObject({ code: 'CLOSED', message: expect.stringContaining('told to die') })
  expect(['answered before the end', 'CLOSED']).toContain(await pending)
  await expect(server.peekData('t', 1)).rejects.toMatchObject({ code: 'CLOSED' })
  expect(() => server.putData('t', new Uint8Array(1))).toThrow(/died/)
  expect(() => server.addTopic('u', KEPT)).toThrow(/died/)
  await server.close()
})

test('a failed bind closes the thread and says why', async () => {
  const bind = RMQServer.bind('test', ['inproc://a', 'carrier://pigeon'], { engine: threadEngine(), logLevel })
  await expect(bind).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

test('buffers go round: many large puts through a short topic keep their bytes', async () => {
  const { server } = await threadServer()
  server.addTopic('t', { ...KEPT, maxRecords: 2 })
  for (let count = 1; count <= 300; count++) {
    server.putData('t', new Uint8Array(100_000 + (count % 7)).fill(count & 255))
    if (count % 10 !== 0) continue
    const messages = await server.peekData('t', 0)
    expect(messages.map(({ data }) => data[0])).toEqual([(count - 1) & 255, count & 255])
    for (const { data } of messages) expect(data.every((byte) => byte === data[0])).toBe(true)
  }
  await server.close()
})

function record(producer: number, count: number): Uint8Array {
  const bytes = new Uint8Array(8)
  bytes[0] = producer
  new DataView(bytes.buffer).setUint32(4, count)
  return bytes
}

function countOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(4)
}

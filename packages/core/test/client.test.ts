import { inProcessTransport, RMQClient, RMQLogLevel, steadyClockUs } from '@rmq/core'
import { expect, test, vi } from 'vitest'
import { pair } from './support/subjects.ts'

const KEPT = { messageRemainingTimeS: 60 }
const logLevel = RMQLogLevel.OFF

test('connect waits for a server that is not up yet, and says so when none comes', async () => {
  const options = { transports: [inProcessTransport()], logLevel, timeoutS: 0.05 }
  await expect(RMQClient.connect('c', 'inproc://none', options)).rejects.toMatchObject({ code: 'TIMEOUT' })
  await expect(RMQClient.connect('c', 'carrier://pigeon', options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(RMQClient.connect('', 'inproc://none', options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

test('a closed client and a closed server say so', async () => {
  const { server, client } = await pair()
  server.addTopic('t', KEPT)
  await client.close()
  await client.close()
  await client.closed
  await expect(client.peekData('t', 1)).rejects.toMatchObject({ code: 'CLOSED' })
  await server.close()
  await server.close()
  await server.closed
  expect(() => server.putData('t', new Uint8Array(1))).toThrow(/closed/)
})

test('a client notices that the server went away', async () => {
  const { server, client } = await pair()
  const disconnected = vi.fn()
  client.on('disconnect', disconnected)
  await server.close()
  expect(disconnected).toHaveBeenCalledOnce()
  expect(await client.getTopicStatus('t', 0.02)).toBe(-2)
  await client.close()
})

test('into copies the payload into the caller’s buffer', async () => {
  const { server, client } = await pair()
  server.addTopic('t', KEPT)
  server.putData('t', new Uint8Array([1, 2, 3]))
  const buffer = new Uint8Array(10)
  const [message] = await client.peekData('t', -1, { into: buffer })
  expect(message?.data.buffer).toBe(buffer.buffer)
  expect([...(message?.data ?? [])]).toEqual([1, 2, 3])
  const options = { into: new Uint8Array(2) }
  await expect(client.peekData('t', -1, options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await expect(client.peekData('t', 0, { into: buffer })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  await client.close()
  await server.close()
})

test('listTopics tells how the topics fare', async () => {
  const { server, client } = await pair()
  server.addTopic('t', { messageRemainingTimeS: 60, maxRecords: 2 })
  for (const value of [1, 2, 3]) server.putData('t', new Uint8Array([value, 0]))
  await client.popData('t', 1)
  const [status] = await client.listTopics()
  expect(status).toMatchObject({ topic: 't', kind: 'heap', count: 1, bytes: 2, published: 3, evicted: 1, popped: 1 })
  expect(status?.rateHz).toBeGreaterThan(0)
  expect(status?.newestAgeS).toBeGreaterThanOrEqual(0)
  expect(await server.getAllTopicStatus()).toEqual({ t: 1 })
  await client.close()
  await server.close()
})

test('getLastRetrievedData keeps what the last read brought; resetStartTime forgets it', async () => {
  const { server, client } = await pair()
  server.addTopic('t', KEPT)
  server.putData('t', new Uint8Array([1]))
  const messages = await client.peekData('t', 0)
  expect(client.getLastRetrievedData()).toBe(messages)
  client.resetStartTime(0)
  expect(client.getLastRetrievedData()).toEqual([])
  expect(Math.abs(client.getTimestamp() - Date.now() / 1000)).toBeLessThan(1)
  await client.close()
  await server.close()
})

test('resetStartTime of the server empties the topics, begins new epochs and moves the clock', async () => {
  const { server, client } = await pair()
  server.addTopic('t', KEPT)
  server.putData('t', new Uint8Array([1]))
  const [before] = await client.peekData('t', -1)
  server.resetStartTime(0)
  expect(await client.peekData('t', 0)).toEqual([])
  server.putData('t', new Uint8Array([2]))
  const [after] = await client.peekData('t', -1)
  expect(after?.epoch).not.toBe(before?.epoch)
  expect(after?.sequence).toBe(1)
  expect(Math.abs((after?.timestampS ?? 0) - Date.now() / 1000)).toBeLessThan(1)
  expect(Math.abs(after?.ageS() ?? 1)).toBeLessThan(1)
  await client.close()
  await server.close()
})

test('timestamps are seconds on the server’s steady clock', async () => {
  const { server, client } = await pair()
  server.addTopic('t', KEPT)
  const before = server.getTimestamp()
  server.putData('t', new Uint8Array([1]))
  const after = server.getTimestamp()
  const [message] = await client.peekData('t', -1)
  expect(message?.timestampS).toBeGreaterThanOrEqual(before)
  expect(message?.timestampS).toBeLessThanOrEqual(after)
  expect(Number.isInteger(steadyClockUs())).toBe(true)
  await client.close()
  await server.close()
})

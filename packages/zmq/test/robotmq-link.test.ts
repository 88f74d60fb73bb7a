import { setMaxListeners } from 'node:events'
import type { Link } from '@rmq/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { topicText } from '../src/robotmq/frame.ts'
import { readRecordBlock } from '../src/robotmq/record-block.ts'
import { eventually } from './support/eventually.ts'
import { type Answer, type FakeRobotmq, fakeRobotmq } from './support/fake-robotmq.ts'
import { RobotmqCommand, recordBody } from './support/robotmq-frames.ts'

const PLAIN: Answer = { body: Buffer.from('0000000000000000', 'hex') }
const SHARED: Answer = { body: Buffer.from('0000000001000000', 'hex') }
const EMPTY: Answer = { body: Buffer.alloc(4) }

async function meet(answer: Parameters<typeof fakeRobotmq>[0]): Promise<{ link: Link; fake: FakeRobotmq }> {
  const fake = fakeRobotmq(answer)
  const link = await zmqTransport().connect(fake.endpoint, { clientName: 'tester' })
  onTestFinished(() => link.close())
  return { link, fake }
}

const refuse = (text: string, topic?: string): Answer => ({
  command: -1,
  body: Buffer.from(text),
  ...(topic !== undefined && { topic }),
})

test('a put asks for the status of its topic once, and carries the time of the server', async () => {
  const { link, fake } = await meet(({ command }) => (command === RobotmqCommand.STATUS ? PLAIN : EMPTY))
  for (let count = 0; count < 3; count++) {
    const reply = await link.call({ op: 'put', topic: 't', data: Uint8Array.of(1) })
    expect(reply).toEqual({ epoch: '', sequence: Number.NaN })
  }
  expect(fake.received.map(({ frame }) => frame.command)).toEqual([6, 5, 5, 5])
  const [record] = readRecordBlock(fake.received[1]!.frame.body)
  expect(record!.timestampS).toBeGreaterThanOrEqual(99.9)
  expect(record!.timestampS).toBeLessThan(105)
})

test('a request that is sent again is the same bytes; another one has another timestamp', async () => {
  const { link, fake } = await meet(({ command }) =>
    command === RobotmqCommand.STATUS ? PLAIN : { body: recordBody('yes') },
  )
  const request = { op: 'request', topic: 't', data: Uint8Array.of(1) } as const
  expect(Buffer.from((await link.call(request)).data).toString()).toBe('yes')
  await link.call(request)
  await link.call({ ...request })
  const [first, second, third] = fake.received.filter(({ frame }) => frame.command === RobotmqCommand.REQUEST)
  expect(second!.bytes.equals(first!.bytes)).toBe(true)
  expect(third!.frame.timestampS).not.toBe(first!.frame.timestampS)
  expect(Number.isSafeInteger(first!.frame.timestampS)).toBe(true)
  expect(second!.envelope).not.toEqual(first!.envelope)
})

test('an answer that comes late answers no other call', async () => {
  let held = 0
  const { link } = await meet(({ topic }) => {
    if (topicText(topic) === 'slow' && held++ === 0) return 'silence'
    return { body: Buffer.concat([Buffer.from('0500000000000000', 'hex')]) }
  })
  const controller = new AbortController()
  const slow = link.call({ op: 'status', topic: 'slow' }, { signal: controller.signal })
  await link.call({ op: 'status', topic: 'quick' })
  controller.abort(new Error('too slow'))
  await expect(slow).rejects.toThrow('too slow')
  expect(await link.call({ op: 'status', topic: 'slow' })).toEqual({ count: 5 })
})

describe('topics in shared memory, without a way to reach it', () => {
  test('are never written to inline', async () => {
    const { link, fake } = await meet(() => SHARED)
    for (const op of ['put', 'request'] as const) {
      await expect(link.call({ op, topic: 't', data: Uint8Array.of(1) })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    }
    expect(fake.received.map(({ frame }) => frame.command)).toEqual([6])
  })

  test('are not readable', async () => {
    const reference = Buffer.concat([Buffer.from('0d0a0d0b', 'hex'), Buffer.alloc(54)])
    const { link } = await meet(() => ({ body: recordBody(reference) }))
    for (const op of ['peek', 'pop'] as const) {
      await expect(link.call({ op, topic: 't', n: 1 })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    }
  })

  test('a payload that looks like a reference is refused', async () => {
    const { link } = await meet(() => PLAIN)
    const data = Buffer.concat([Buffer.from('0d0a0d0b', 'hex'), Buffer.alloc(54)])
    await expect(link.call({ op: 'put', topic: 't', data })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

test.each([
  ['peek', 'Topic `t` not found. Please first call add_topic', undefined, 'TOPIC_NOT_FOUND'],
  ['peek', 'Client IP `1.1.1.1` is not in the whitelist.', 'unauthorized', 'UNAUTHORIZED'],
  ['peek', 'Server failed to process the request: Data is empty', 'invalid_request', 'MALFORMED_MESSAGE'],
  ['request', 'the handler fell over', undefined, 'REQUEST_FAILED'],
  ['peek', 'Received unknown command: 4', undefined, 'INVALID_ARGUMENT'],
] as const)('an error to a %s, "%s", from topic %s is %s', async (op, text, topic, code) => {
  const { link } = await meet(({ command }) => (command === RobotmqCommand.STATUS ? PLAIN : refuse(text, topic)))
  const call =
    op === 'peek' ? link.call({ op, topic: 't', n: 1 }) : link.call({ op, topic: 't', data: Uint8Array.of(1) })
  await expect(call).rejects.toMatchObject({ code, message: text })
})

test.each([
  ['a peek answered with a length beyond the frame', '01000000ffffffff0000000000000000'],
  ['a peek answered with nothing', ''],
  ['a peek answered with 2^32 - 1 records', 'ffffffff'],
])('%s is malformed', async (_name, body) => {
  const { link } = await meet(() => ({ body: Buffer.from(body, 'hex') }))
  await expect(link.call({ op: 'peek', topic: 't', n: 1 })).rejects.toMatchObject({ code: 'MALFORMED_MESSAGE' })
})

test('records have no sequence; empty ones are read', async () => {
  const { link } = await meet(() => ({ body: recordBody('', 'ab') }))
  const { epoch, records } = await link.call({ op: 'peek', topic: 't', n: 0 })
  expect(epoch).toBe('')
  expect(records.map(({ sequence, data }) => [sequence, Buffer.from(data).toString()])).toEqual([
    [Number.NaN, ''],
    [Number.NaN, 'ab'],
  ])
})

test('what the original cannot do is UNSUPPORTED', async () => {
  const { link, fake } = await meet(() => PLAIN)
  for (const command of [{ op: 'list' }, { op: 'describe', topic: 't' }] as const) {
    await expect(link.call(command)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  }
  expect(fake.received).toEqual([])
})

test('at most 500 calls are under way', async () => {
  const { link, fake } = await meet(() => 'silence')
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const calls = Array.from({ length: 800 }, () =>
    link.call({ op: 'peek', topic: 't', n: 1 }, { signal: controller.signal }).catch(() => {}),
  )
  await eventually(() => fake.received.length === 500, '500 have arrived')
  controller.abort()
  await Promise.all(calls)
  expect(fake.received).toHaveLength(500)
})

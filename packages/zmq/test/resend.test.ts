import { describe, expect, test } from 'vitest'
import { readRecordBlock } from '../src/robotmq/record-block.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { exchange, type RawClient, rawClient } from './support/raw-client.ts'
import { countBody, describeAnswer, frame, RobotmqCommand, recordBody } from './support/robotmq-frames.ts'
import { startServer } from './support/test-server.ts'

const records = (answer: Uint8Array) =>
  readRecordBlock(describeAnswer(answer).body).map(({ data }) => Buffer.from(data).toString())
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function setUp() {
  const started = await startServer(freshEndpoint())
  const connect = () => rawClient(started.endpoint)
  /** As robotmq's client does: a new socket, the same bytes. */
  const resend = async (old: RawClient, bytes: Uint8Array) => {
    old.close()
    const client = connect()
    return { client, answer: await exchange(client, bytes) }
  }
  return { ...started, connect, resend }
}

describe("a resend of robotmq's client", () => {
  test('of a pop gets the same records', async () => {
    const { server, connect, resend } = await setUp()
    for (const text of ['a', 'b', 'c']) server.putData('t', Buffer.from(text))
    const pop = frame('t', RobotmqCommand.POP, countBody(1), 7)
    const first = connect()
    const answer = await exchange(first, pop)
    const again = await resend(first, pop)
    expect(records(answer)).toEqual(['a'])
    expect(again.answer.equals(answer)).toBe(true)
    expect(await server.getTopicStatus('t')).toBe(2)
    expect(records(await exchange(again.client, frame('t', RobotmqCommand.POP, countBody(1), 8)))).toEqual(['b'])
  })

  test('of a put puts once', async () => {
    const { server, connect, resend } = await setUp()
    const put = frame('t', RobotmqCommand.PUT, recordBody('x'), 7)
    const first = connect()
    await exchange(first, put)
    const again = await resend(first, put)
    await resend(again.client, put)
    expect(await server.getTopicStatus('t')).toBe(1)
  })

  test('of a running request waits for the same answer, and the handler goes on', { timeout: 15_000 }, async () => {
    const { server, connect, resend } = await setUp()
    let runs = 0
    let aborted = false
    let release = (_: Uint8Array) => {}
    server.onRequest('t', (_request, { signal }) => {
      runs += 1
      signal.addEventListener('abort', () => (aborted = true))
      return new Promise((resolve) => (release = resolve))
    })
    const request = frame('t', RobotmqCommand.REQUEST, recordBody('obs'), 7)
    const first = connect()
    first.send(['', request])
    await eventually(() => runs === 1, 'the handler runs')
    await wait(150)
    const answer = resend(first, request)
    // Longer than any grace after the end of the first connection.
    await wait(2500)
    expect({ runs, aborted }).toEqual({ runs: 1, aborted: false })
    release(Buffer.from('act'))
    expect(records((await answer).answer)).toEqual(['act'])
  })

  test('that never comes: the handler is told', { timeout: 15_000 }, async () => {
    const { server, connect } = await setUp()
    let aborted = false
    let running = false
    server.onRequest('t', (_request, { signal }) => {
      running = true
      signal.addEventListener('abort', () => (aborted = true))
      return new Promise(() => {})
    })
    const client = connect()
    client.send(['', frame('t', RobotmqCommand.REQUEST, recordBody('obs'), 7)])
    await eventually(() => running, 'the handler runs')
    client.close()
    await eventually(() => aborted, 'the signal is aborted')
  })

  test('of a failed request fails the same way, without a second run', async () => {
    const { server, connect, resend } = await setUp()
    let runs = 0
    server.onRequest('t', () => {
      runs += 1
      throw new Error('no')
    })
    const request = frame('t', RobotmqCommand.REQUEST, recordBody('obs'), 7)
    const first = connect()
    const answer = await exchange(first, request)
    expect((await resend(first, request)).answer.equals(answer)).toBe(true)
    expect(runs).toBe(1)
  })
})

test('two clients that happen to send the same bytes at once both take effect', async () => {
  const { server, connect } = await setUp()
  for (const text of ['a', 'b']) server.putData('t', Buffer.from(text))
  const pop = frame('t', RobotmqCommand.POP, countBody(1), 7)
  const [one, two] = [connect(), connect()]
  const status = frame('t', RobotmqCommand.STATUS, new Uint8Array(0))
  await Promise.all([exchange(one, status), exchange(two, status)])
  const answers = await Promise.all([exchange(one, pop), exchange(two, pop)])
  expect(answers.flatMap(records).sort()).toEqual(['a', 'b'])
})

test('the same client may send the same bytes again', async () => {
  const { server, connect } = await setUp()
  for (const text of ['a', 'b']) server.putData('t', Buffer.from(text))
  const pop = frame('t', RobotmqCommand.POP, countBody(1), 7)
  const client = connect()
  expect(records(await exchange(client, pop))).toEqual(['a'])
  expect(records(await exchange(client, pop))).toEqual(['b'])
})

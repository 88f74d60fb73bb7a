import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeFrame } from '../src/robotmq/frame.ts'
import { readRecordBlock } from '../src/robotmq/record-block.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { exchange, rawClient } from './support/raw-client.ts'
import { countBody, describeAnswer, frame, RobotmqCommand, recordBody } from './support/robotmq-frames.ts'
import { startServer } from './support/test-server.ts'

const MAGIC = Buffer.from('0d0a0d0b', 'hex')

async function setUp(scheme: 'ipc' | 'tcp' = 'ipc') {
  const started = await startServer(freshEndpoint(scheme))
  const client = rawClient(started.endpoint)
  const ask = async (topic: string, command: number, body: Uint8Array = new Uint8Array(0), timestampS?: number) =>
    describeAnswer(await exchange(client, frame(topic, command, body, timestampS)))
  const records = (body: Uint8Array) => readRecordBlock(body).map(({ data }) => Buffer.from(data).toString())
  return { ...started, client, ask, records }
}

describe.each(['ipc', 'tcp'] as const)('robotmq wire over %s', (scheme) => {
  test('every command', async () => {
    const { server, ask, records } = await setUp(scheme)
    expect((await ask('t', RobotmqCommand.STATUS)).body.toString('hex')).toBe('0000000000000000')
    expect((await ask('nope', RobotmqCommand.STATUS)).body.toString('hex')).toBe('ffffffff')
    expect(records((await ask('t', RobotmqCommand.PEEK, countBody(-1))).body)).toEqual([])
    expect((await ask('t', RobotmqCommand.PUT, recordBody('one'), 1)).body.toString('hex')).toBe('00000000')
    expect((await ask('t', RobotmqCommand.PUT, recordBody('two!', 'three'), 2)).body.toString('hex')).toBe('00000000')
    expect((await ask('t', RobotmqCommand.STATUS)).body.toString('hex')).toBe('0300000000000000')
    expect(records((await ask('t', RobotmqCommand.PEEK, countBody(-1))).body)).toEqual(['three'])
    expect(records((await ask('t', RobotmqCommand.PEEK, countBody(2))).body)).toEqual(['one', 'two!'])
    expect(records((await ask('t', RobotmqCommand.PEEK)).body)).toEqual(['one', 'two!', 'three'])
    expect(records((await ask('t', RobotmqCommand.POP, countBody(1), 3)).body)).toEqual(['one'])
    expect(records((await ask('t', RobotmqCommand.POP, countBody(-1), 4)).body)).toEqual(['three'])
    expect(records((await ask('t', RobotmqCommand.PEEK, countBody(0))).body)).toEqual(['two!'])
    server.onRequest('t', async (request) => Buffer.concat([Buffer.from('act:'), request]))
    expect(records((await ask('t', RobotmqCommand.REQUEST, recordBody('obs'), 5)).body)).toEqual(['act:obs'])
  })
})

test('records carry the time of the server, not of the client', async () => {
  const { server, ask } = await setUp()
  await ask('t', RobotmqCommand.PUT, recordBody('x'))
  const { body } = await ask('t', RobotmqCommand.PEEK, countBody(-1))
  const [record] = readRecordBlock(body)
  expect(Math.abs(record!.timestampS - server.getTimestamp())).toBeLessThan(1)
  expect(record!.timestampS).not.toBe(0.25)
})

test('correlation frames before the delimiter come back', async () => {
  const { client } = await setUp()
  client.send(['one', 'two', '', frame('t', RobotmqCommand.STATUS, new Uint8Array(0))])
  const answer = await client.receive()
  expect(answer?.slice(0, 3).map(String)).toEqual(['one', 'two', ''])
})

test('errors use the words of the original', async () => {
  const { ask } = await setUp()
  const notFound = 'Topic `nope` not found. Please first call add_topic to add it into the server topics.'
  for (const command of [RobotmqCommand.PEEK, RobotmqCommand.POP, 4]) {
    expect(await ask('nope', command, countBody(1))).toMatchObject({ topic: 'nope', command: -1, text: notFound })
  }
  for (const command of [RobotmqCommand.PUT, RobotmqCommand.REQUEST]) {
    expect(await ask('nope', command, recordBody('x'))).toMatchObject({ topic: 'nope', command: -1, text: notFound })
  }
  for (const command of [0, 4, 7, -1, 80, 127]) {
    expect(await ask('t', command)).toMatchObject({ command: -1, text: `Received unknown command: ${command}` })
  }
  expect((await ask('t', RobotmqCommand.PEEK, Buffer.from('abc'))).text).toBe(
    'Data length should be the same as an integer, but got 3 bytes.',
  )
})

test('a handler that throws answers with its message', async () => {
  const { server, ask } = await setUp()
  server.onRequest('t', () => {
    throw new Error('the arm is off')
  })
  expect(await ask('t', RobotmqCommand.REQUEST, recordBody('x'))).toMatchObject({
    command: -1,
    text: expect.stringContaining('the arm is off'),
  })
})

describe('payloads that look like references into shared memory', () => {
  test('are refused from a robotmq client', async () => {
    const { server, ask } = await setUp()
    const reference = Buffer.concat([MAGIC, Buffer.alloc(20)])
    for (const command of [RobotmqCommand.PUT, RobotmqCommand.REQUEST]) {
      const answer = await ask('t', command, recordBody(reference), command)
      expect(answer).toMatchObject({ command: -1, text: expect.stringContaining('0d 0a 0d 0b') })
    }
    expect(await server.getTopicStatus('t')).toBe(0)
  })

  test('never go inline to one, and a refused pop removes nothing', async () => {
    const { server, ask } = await setUp()
    server.putData('t', Buffer.concat([MAGIC, Buffer.from('image')]))
    for (const command of [RobotmqCommand.PEEK, RobotmqCommand.POP]) {
      expect(await ask('t', command, countBody(1), command)).toMatchObject({
        command: -1,
        text: expect.stringContaining('0d 0a 0d 0b'),
      })
    }
    expect(await server.getTopicStatus('t')).toBe(1)
    server.onRequest('t', async () => MAGIC)
    expect((await ask('t', RobotmqCommand.REQUEST, recordBody('x'))).command).toBe(-1)
  })
})

test('the hello is answered with "no such topic" and who we are', async () => {
  const { client } = await setUp()
  const golden = readFileSync(new URL('../testdata/wire_61_hello_status_unknown_req.bin', import.meta.url))
  const { body } = decodeFrame(await exchange(client, golden))
  expect(Buffer.from(body.subarray(0, 8)).toString('hex')).toBe('fffffffff5524d51')
  const hello = JSON.parse(Buffer.from(body.subarray(8)).toString())
  expect(hello).toMatchObject({ versions: [1], serverName: 'test', server: expect.any(String) })
})

describe('frames that a real client wrote', () => {
  const replies: [string, string][] = [
    ['wire_00_status_empty', '0000000000000000'],
    ['wire_02_status_unknown', 'ffffffff'],
    ['wire_08_peek_empty_topic', '00000000'],
    ['wire_12_pop_empty', '00000000'],
    ['wire_14_put', '00000000'],
  ]
  test.each(replies)('%s is answered as by the original', async (name, body) => {
    const { server, client } = await setUp()
    server.addTopic('cam', { messageRemainingTimeS: 60 })
    server.addTopic('empty', { messageRemainingTimeS: 60 })
    const read = (side: string) => readFileSync(new URL(`../testdata/${name}_${side}.bin`, import.meta.url))
    const ours = decodeFrame(await exchange(client, read('req')))
    const theirs = decodeFrame(read('rep'))
    expect(Buffer.from(ours.body).toString('hex')).toBe(body)
    expect({ ...ours, timestampS: 0 }).toEqual({ ...theirs, timestampS: 0 })
  })

  test.each([
    'wire_09_peek_unknown',
    'wire_13_pop_unknown',
    'wire_16_put_unknown',
    'wire_26_request_unknown_1',
    'wire_28_time_cmd4',
    'wire_29_cmd4_empty_body',
    'wire_30_cmd0',
    'wire_31_cmd7',
    'wire_32_cmd_minus1',
    'wire_33_cmd4_unknown_topic',
    'wire_35_peek_body3',
    'wire_36_peek_body5',
  ])('%s is answered with the same error', async (name) => {
    const { server, client } = await setUp()
    server.addTopic('cam', { messageRemainingTimeS: 60 })
    const read = (side: string) => readFileSync(new URL(`../testdata/${name}_${side}.bin`, import.meta.url))
    const { topic, command, text } = describeAnswer(await exchange(client, read('req')))
    const theirs = describeAnswer(read('rep'))
    expect({ topic, command, text }).toEqual({ topic: theirs.topic, command: theirs.command, text: theirs.text })
  })
})

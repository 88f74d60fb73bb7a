import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { exchange, rawClient } from './support/raw-client.ts'
import { describeAnswer, frame, RobotmqCommand } from './support/robotmq-frames.ts'
import { startServer } from './support/test-server.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const status = frame('t', RobotmqCommand.STATUS, new Uint8Array(0))

async function setUp() {
  const started = await startServer(freshEndpoint())
  return { ...started, client: rawClient(started.endpoint) }
}

describe('frames that cannot be read are answered with invalid_request, and counted', () => {
  test.each([
    ['empty', ''],
    ['topic length 0', '00'],
    ['topic length only', '05'],
    ['no command', '0174'],
    ['no timestamp', '017401'],
    ['half a timestamp', '01740100000000000000'],
    ['topic longer than the frame', 'ff74'],
    ['REQUEST without a body', '0174030000000000000000'],
    ['PUT without a body', '0174050000000000000000'],
    ['STATUS of an empty topic', '0006000000000000000078'],
    ['PEEK of an empty topic', '00010000000000000000ffffffff'],
    ['PUT to an empty topic', '0005000000000000000000000000'],
    ['PUT of 1 record without it', '017405000000000000000001000000'],
    ['REQUEST of 1 record without it', '017403000000000000000001000000'],
    ['a body of 3 bytes', '0174050000000000000000010000'],
    ['a length beyond the frame', '017405000000000000000001000000630000000000000000000000616263'],
    ['2^32 - 1 records', '0174050000000000000000ffffffff'],
    ['0x55555555 records', '017405000000000000000055555555'],
    ['a length of 2^32 - 1', '017405000000000000000001000000ffffffff0000000000000000616263'],
    ['an index that wraps to 0', `017405000000000000000055555555${'00'.repeat(2 ** 20)}`],
    ['REQUEST of 0 records', '017403000000000000000000000000'],
  ])('%s', async (_name, text) => {
    const { client, server } = await setUp()
    const answer = describeAnswer(await exchange(client, hex(text)))
    expect(answer).toMatchObject({
      topic: 'invalid_request',
      command: -1,
      text: expect.stringContaining('Server failed to process the request: '),
    })
    expect(await server.counters()).toMatchObject({ malformed: 1 })
    expect(describeAnswer(await exchange(client, status)).command).toBe(RobotmqCommand.STATUS)
  })
})

test.each([
  [
    'an inline reference to nowhere',
    '017403 333333333333e33f 01000000 0c000000 0000000000000000 0d0a0d0bffffffffffffffff',
  ],
  ['a topic that is not UTF-8', '02fffe01 0000000000000000'],
  ['command 127', '01747f0000000000000000'],
])('%s is answered with an error', async (_name, text) => {
  const { client } = await setUp()
  expect(describeAnswer(await exchange(client, hex(text))).command).toBe(-1)
})

test.each([
  ['PEEK of the least number', '017401 0000000000000000 00000080', 1],
  ['PUT of 0 records', '017405 0000000000000000 00000000', 5],
  ['PUT with bytes behind', '017405 0000000000000000 01000000 01000000 0000000000000000 78 ffff', 5],
  ['PUT with a timestamp that is no number', '017405 000000000000f87f 01000000 01000000 000000000000f87f 78', 5],
])('%s is answered as usual', async (_name, text, command) => {
  const { client } = await setUp()
  expect(describeAnswer(await exchange(client, hex(text))).command).toBe(command)
})

describe('messages that no wire understands are dropped and counted', () => {
  test.each<[string, (Uint8Array | string)[]]>([
    ['one frame without an envelope', [status]],
    ['two frames behind the delimiter', ['', status, status]],
    ['three empty frames', ['', '', '']],
    ['no frame behind the delimiter', ['']],
    ['a delimiter with nothing before or behind it', ['x', '']],
    ['our magic and nothing else', [hex('f5524d51')]],
    ['half of a head', [hex('f5524d5101010000')]],
  ])('%s', async (_name, frames) => {
    const { client, server } = await setUp()
    client.send(frames)
    await eventually(async () => (await server.counters()).malformed === 1, 'the message is counted')
    expect(describeAnswer(await exchange(client, status)).command).toBe(RobotmqCommand.STATUS)
  })
})

describe('messages of our wire that cannot be read are answered with an error that names the call', () => {
  test.each([
    ['another version', 'f5524d51 09 01 0000 2a000000', 'VERSION_MISMATCH'],
    ['an unknown kind', 'f5524d51 01 63 0000 2a000000', 'VERSION_MISMATCH'],
    ['a head that ends early', 'f5524d51 01 01 0000 2a000000 00', 'MALFORMED_MESSAGE'],
    ['text beyond the frame', `f5524d51 01 01 0000 2a000000 ffffffff${'00'.repeat(16)}`, 'MALFORMED_MESSAGE'],
    [
      'records beyond the frame',
      `f5524d51 01 01 0000 2a000000 00000000${'00'.repeat(8)}ffffffff00000000`,
      'MALFORMED_MESSAGE',
    ],
    ['no JSON', `f5524d51 01 01 0000 2a000000 01000000${'00'.repeat(16)}78`, 'MALFORMED_MESSAGE'],
  ])('%s', async (_name, text, code) => {
    const { client, server } = await setUp()
    client.send([hex(text)])
    const [head] = (await client.receive())!
    expect(head!.readUInt32LE(8)).toBe(42)
    expect(head!.toString()).toContain(code)
    expect(await server.counters()).toMatchObject({ malformed: 1 })
  })
})

test('an answer that comes to the server is never answered', async () => {
  const { client, server } = await setUp()
  client.send([hex(`f5524d51 01 02 0000 2a000000 00000000${'00'.repeat(16)}`)])
  client.send([hex(`f5524d51 01 03 0000 2a000000 00000000${'00'.repeat(16)}`)])
  await eventually(async () => (await server.counters()).malformed === 2, 'both are counted')
  expect(await client.receive(50)).toBeUndefined()
})

test('bytes that are no ZeroMQ at all disturb nobody', async () => {
  const { connect } = await import('node:net')
  const { endpoint } = await startServer(freshEndpoint('tcp'))
  const socket = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: robot\r\n\r\n')
  const client = rawClient(endpoint)
  expect(describeAnswer(await exchange(client, status)).command).toBe(RobotmqCommand.STATUS)
  socket.destroy()
})

test('random frames and messages: the process goes on, memory stays flat', { timeout: 60_000 }, async () => {
  const { client, endpoint } = await setUp()
  const bytes = fc.uint8Array({ maxLength: 64 })
  const body = fc.uint8Array({ maxLength: 40 })
  const nearlyRight = fc
    .tuple(fc.constantFrom(1, 2, 3, 5, 6, 4, -1), body)
    .map(([command, tail]) => frame('t', command, tail, command))
  const nearlyOurs = body.map((tail) => Buffer.concat([hex('f5524d510101000001000000'), tail]))
  const message = fc.oneof(
    fc.array(bytes, { minLength: 1, maxLength: 4 }),
    fc.oneof(bytes, nearlyRight).map((inner) => ['', inner]),
    fc.array(bytes, { maxLength: 2 }).chain((rest) => nearlyOurs.map((head) => [head, ...rest])),
  )
  const send = async (seed: number, count: number) => {
    for (const frames of fc.sample(message, { seed, numRuns: count })) client.send(frames)
    const other = rawClient(endpoint)
    expect(describeAnswer(await exchange(other, status)).command).toBe(RobotmqCommand.STATUS)
    other.close()
    while ((await client.receive(20)) !== undefined);
  }
  await send(1, 3000)
  const before = process.memoryUsage().rss
  for (let seed = 2; seed < 8; seed++) await send(seed, 3000)
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 2 ** 20)
})

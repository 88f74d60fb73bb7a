import { readFileSync } from 'node:fs'
import {
  createLogger,
  type RecordReference,
  type ReferredRecord,
  RMQLogLevel,
  type Session,
  type SessionHost,
} from '@rmq/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type ZmqTransportOptions, zmqTransport } from '../src/index.ts'
import { decodeFileReference } from '../src/robotmq/file-reference.ts'
import { decodeFrame } from '../src/robotmq/frame.ts'
import { looksLikeReference, readRecordBlock } from '../src/robotmq/record-block.ts'
import { ReferenceHolds } from '../src/server/reference-holds.ts'
import { recordsReply } from '../src/server/robotmq-records.ts'
import { RobotmqReply } from '../src/server/robotmq-reply.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { fakeSharedMemory } from './support/fake-shared-memory.ts'
import { fromBase64, python, startPython, toBase64 } from './support/python.ts'
import { exchange, type RawClient, rawClient } from './support/raw-client.ts'
import { countBody, describeAnswer, frame, RobotmqCommand, recordBody } from './support/robotmq-frames.ts'
import { startServer } from './support/test-server.ts'

const MAGIC_PAYLOAD = Buffer.concat([Buffer.from('0d0a0d0b', 'hex'), Buffer.from('image')])
/** Longer than any test. */
const FOR_EVER = { referenceHoldS: 600 }

const peek = (n: number) => frame('s', RobotmqCommand.PEEK, countBody(n))
const pop = (n: number, timestampS = 7) => frame('s', RobotmqCommand.POP, countBody(n), timestampS)
const payloads = (answer: Uint8Array) => readRecordBlock(describeAnswer(answer).body).map(({ data }) => data)
const told = (answer: Uint8Array) => payloads(answer).map(looksLikeReference)

async function setUp(options: ZmqTransportOptions = {}, scheme: 'ipc' | 'tcp' = 'ipc') {
  const memory = fakeSharedMemory()
  const started = await startServer(freshEndpoint(scheme), options, [memory.home])
  started.server.addTopic('s', { messageRemainingTimeS: 60 })
  const put = (...texts: (string | Uint8Array)[]) => {
    for (const text of texts) started.server.putData('s', Buffer.from(text as string))
  }
  const connect = () => rawClient(started.endpoint)
  /** The records of an answer, as a client gets at them. */
  const records = (answer: Uint8Array) =>
    payloads(answer).map((data) => {
      if (!looksLikeReference(data)) return Buffer.from(data).toString('latin1')
      const { name, totalBytes, start, byteLength } = decodeFileReference(data)
      expect(name).toBe(memory.name)
      expect(start + byteLength).toBeLessThanOrEqual(totalBytes)
      return memory.read(start, byteLength).toString('latin1')
    })
  return { ...started, memory, put, connect, records }
}

describe('a record that is told by reference', () => {
  test.each([
    ['PEEK', 'wire_19_peek_shm'],
    ['POP', 'wire_20_pop_shm'],
  ])('stands in the answer to %s as in that of the original', (_command, name) => {
    const read = (side: string) => readFileSync(new URL(`../testdata/${name}_${side}.bin`, import.meta.url))
    const theirs = decodeFrame(read('rep'))
    const { timestampS } = readRecordBlock(theirs.body)[0]!
    const reference: RecordReference = {
      name: 'rmq_root_11988_srv_shm',
      totalBytes: 0x10624d,
      start: 0,
      byteLength: 768,
      copy: () => new Uint8Array(768),
      release: () => {},
    }
    const answering = { nowS: () => theirs.timestampS, onMalformed: () => {}, byReference: true }
    const parts = decodeFrame(read('req'))
    const reply = recordsReply(parts, [{ timestampS, data: new Uint8Array(0), reference }], answering)
    expect(Buffer.from(reply.frame).toString('hex')).toBe(read('rep').toString('hex'))
  })

  test('never reaches beyond the end of its file, where clients go on at the beginning', () => {
    const released = vi.fn()
    const reference = {
      name: 'x',
      totalBytes: 64,
      start: 62,
      byteLength: 3,
      copy: () => new Uint8Array(3),
      release: released,
    }
    const answering = { nowS: () => 0, onMalformed: () => {}, byReference: true }
    const parts = decodeFrame(peek(1))
    expect(() => recordsReply(parts, [{ timestampS: 0, data: new Uint8Array(0), reference }], answering)).toThrow(
      RangeError,
    )
    expect(released).toHaveBeenCalled()
  })

  test('goes to clients of this host, with its bytes in place', async () => {
    const { put, connect, records, memory } = await setUp(FOR_EVER)
    put('one', 'two', 'three')
    const client = connect()
    const newest = await exchange(client, peek(-1))
    expect(told(newest)).toEqual([true])
    expect(records(newest)).toEqual(['three'])
    expect(records(await exchange(client, peek(0)))).toEqual(['one', 'two', 'three'])
    expect(memory.leased).toBe(3)
    expect(records(await exchange(client, pop(2)))).toEqual(['one', 'two'])
    expect(memory.leased).toBe(2)
    expect(records(await exchange(client, peek(0)))).toEqual(['three'])
  })

  test('goes to others as bytes', async () => {
    const { put, connect, records, memory } = await setUp({}, 'tcp')
    put('one', 'two')
    const client = connect()
    const answer = await exchange(client, peek(0))
    expect(told(answer)).toEqual([false, false])
    expect(records(answer)).toEqual(['one', 'two'])
    expect(records(await exchange(client, pop(1)))).toEqual(['one'])
    expect(memory.given).toBe(0)
  })

  test('stands beside others that go as bytes where leases have run out', async () => {
    const { put, connect, records } = await setUp(FOR_EVER)
    const texts = Array.from({ length: 20 }, (_, index) => `record ${index}`)
    put(...texts)
    const client = connect()
    const answer = await exchange(client, peek(0))
    expect(told(answer).filter(Boolean)).toHaveLength(16)
    expect(records(answer)).toEqual(texts)
    const other = connect()
    expect(told(await exchange(other, peek(-1)))).toEqual([false])
    const popped = await exchange(client, pop(0))
    expect(told(popped).filter(Boolean)).toHaveLength(16)
    expect(records(popped)).toEqual(texts)
  })
})

describe('records stay in place', () => {
  const messages: [string, Uint8Array][] = [
    ['the same command', peek(-1)],
    ['a status', frame('t', RobotmqCommand.STATUS, new Uint8Array(0))],
    ['a put', frame('t', RobotmqCommand.PUT, recordBody('x'))],
    ['a frame that cannot be read', Buffer.from('0374', 'hex')],
  ]
  test.each(messages)("until the client's next message: %s", async (_name, message) => {
    const { put, connect, memory } = await setUp(FOR_EVER)
    put('one', 'two', 'three')
    const client = connect()
    await exchange(client, peek(0))
    expect(memory.leased).toBe(3)
    const given = memory.given
    await exchange(client, message)
    expect(memory.leased).toBe(memory.given - given)
  })

  test('whatever other clients send', async () => {
    const { put, connect, records, memory } = await setUp(FOR_EVER)
    put('one', 'two')
    const [first, second] = [connect(), connect()]
    const answer = await exchange(first, peek(0))
    for (let round = 0; round < 5; round++) await exchange(second, peek(-1))
    expect(records(answer)).toEqual(['one', 'two'])
    expect(memory.leased).toBe(3)
  })

  test('until the connection ends', async () => {
    const { put, connect, memory } = await setUp(FOR_EVER)
    put('one', 'two')
    const client = connect()
    await exchange(client, peek(0))
    expect(memory.leased).toBe(2)
    client.close()
    await eventually(() => memory.leased === 0, 'the leases are given back')
  })

  test('until the deadline where the client is silent', async () => {
    const { put, connect, records, memory } = await setUp({ referenceHoldS: 0.4 })
    put('one')
    const client = connect()
    const start = performance.now()
    const answer = await exchange(client, peek(-1))
    expect(records(answer)).toEqual(['one'])
    await eventually(() => memory.leased === 0, 'the lease is given back')
    // Timers count whole milliseconds.
    expect(performance.now() - start).toBeGreaterThan(398)
    expect(records(answer)).not.toEqual(['one'])
  })

  test('until the deadline where the server forgot a client that is still there', async () => {
    const { put, connect, records, memory } = await setUp({ maxPeers: 1, referenceHoldS: 1 })
    put('one')
    const [first, second] = [connect(), connect()]
    const answer = await exchange(first, peek(-1))
    await exchange(second, frame('t', RobotmqCommand.STATUS, new Uint8Array(0)))
    expect(records(answer)).toEqual(['one'])
    await eventually(() => memory.leased === 0, 'the lease is given back')
  })

  test('until the server is closed', async () => {
    const { server, put, connect, memory } = await setUp(FOR_EVER)
    put('one', 'two', 'three')
    await exchange(connect(), peek(0))
    await exchange(connect(), pop(1))
    expect(memory.leased).toBe(4)
    await server.close()
    expect(memory.leased).toBe(0)
  })
})

describe('a resent POP', () => {
  /** As robotmq's client does after a timeout: a new socket, the same bytes. */
  const resend = async (started: { connect: () => RawClient }, old: RawClient, bytes: Uint8Array) => {
    old.close()
    const client = started.connect()
    return { client, answer: await exchange(client, bytes) }
  }

  test('gets the same references while the records are in place', async () => {
    const started = await setUp(FOR_EVER)
    const { put, connect, records, memory, server } = started
    put('one', 'two', 'three')
    const first = connect()
    const answer = await exchange(first, pop(2))
    const again = await resend(started, first, pop(2))
    expect(again.answer.equals(answer)).toBe(true)
    expect(records(again.answer)).toEqual(['one', 'two'])
    expect(await server.getTopicStatus('s')).toBe(1)
    await exchange(again.client, frame('t', RobotmqCommand.STATUS, new Uint8Array(0)))
    expect(memory.leased).toBe(0)
  })

  test('gets the bytes once the deadline has passed, and the leases are free by then', async () => {
    const started = await setUp({ referenceHoldS: 0.05 })
    const { put, connect, records, memory } = started
    put('one', 'two', 'three')
    const first = connect()
    expect(told(await exchange(first, pop(2)))).toEqual([true, true])
    await eventually(() => memory.leased === 0, 'the leases are given back')
    const again = await resend(started, first, pop(2))
    expect(told(again.answer)).toEqual([false, false])
    expect(records(again.answer)).toEqual(['one', 'two'])
    expect(records(await exchange(again.client, pop(1, 8)))).toEqual(['three'])
  })

  test('that never comes: the leases end all the same', async () => {
    const { put, connect, memory } = await setUp({ referenceHoldS: 0.2 })
    put('one')
    const client = connect()
    await exchange(client, pop(1))
    client.close()
    await eventually(() => memory.leased === 0, 'the lease is given back')
  })

  test('of a payload that cannot go inline is refused once its bytes are gone', async () => {
    const started = await setUp({ referenceHoldS: 0.05 })
    const { put, connect, records, memory } = started
    put(MAGIC_PAYLOAD)
    const first = connect()
    const answer = await exchange(first, pop(1))
    expect(records(answer)).toEqual([MAGIC_PAYLOAD.toString('latin1')])
    await eventually(() => memory.leased === 0, 'the lease is given back')
    const again = await resend(started, first, pop(1))
    expect(describeAnswer(again.answer)).toMatchObject({
      command: -1,
      topic: 's',
      text: expect.stringContaining('0d 0a 0d 0b'),
    })
  })
})

describe('payloads that look like references', () => {
  test('go by reference, peeked and popped', async () => {
    const { put, connect, records } = await setUp(FOR_EVER)
    put(MAGIC_PAYLOAD)
    const client = connect()
    for (const command of [peek(-1), pop(-1)]) {
      expect(records(await exchange(client, command))).toEqual([MAGIC_PAYLOAD.toString('latin1')])
    }
  })

  test('are refused where no lease is left, and nothing is popped', async () => {
    const { put, connect, memory, server } = await setUp(FOR_EVER)
    put('one', MAGIC_PAYLOAD)
    memory.maxLeases = 1
    const client = connect()
    for (const command of [peek(0), pop(0)]) {
      expect(describeAnswer(await exchange(client, command))).toMatchObject({
        command: -1,
        text: expect.stringContaining('0d 0a 0d 0b'),
      })
      expect(memory.leased).toBe(0)
    }
    expect(await server.getTopicStatus('s')).toBe(2)
  })

  test('go back into the topic where the last lease goes between the look and the pop', async () => {
    const { put, connect, records, memory, server } = await setUp(FOR_EVER)
    put('one', MAGIC_PAYLOAD, 'three')
    memory.onRefer = (_n, take) => {
      if (take) memory.maxLeases = 1
    }
    const client = connect()
    expect(records(await exchange(client, pop(0)))).toEqual(['one', 'three'])
    expect(await server.getTopicStatus('s')).toBe(1)
    memory.onRefer = () => {}
    expect(records(await exchange(client, pop(0, 8)))).toEqual([MAGIC_PAYLOAD.toString('latin1')])
  })
})

describe('with sessions of its own', () => {
  /** A listener whose sessions answer `refer` as the test wants. */
  async function listen(refer: Session['refer']) {
    const state = { opened: 0, closed: 0, dropped: 0 }
    const session: Session = {
      execute: () => Promise.reject(new Error('not expected')),
      refer,
      close() {
        state.closed += 1
      },
    }
    const host: SessionHost = {
      server: 'run',
      serverName: 'test',
      access: {},
      nowS: () => 1,
      open: () => {
        state.opened += 1
        return session
      },
      log: createLogger('test', RMQLogLevel.OFF),
      reportMalformed: () => {},
      reportRefused: () => {},
      reportDropped() {
        state.dropped += 1
      },
    }
    const listener = await zmqTransport(FOR_EVER).listen(freshEndpoint(), host)
    onTestFinished(() => listener.close())
    return { listener, state }
  }

  const referred = (release: () => void): ReferredRecord => ({
    sequence: 1,
    timestampS: 0,
    data: new Uint8Array(0),
    reference: { name: 'x', totalBytes: 64, start: 0, byteLength: 3, copy: () => new Uint8Array(3), release },
  })

  test('a reply that cannot be sent gives its records back', async () => {
    const release = vi.fn()
    let answer = (_: { records: ReferredRecord[] }) => {}
    const { listener, state } = await listen(() => new Promise((resolve) => (answer = resolve)))
    const client = rawClient(listener.endpoint)
    client.send(['', peek(-1)])
    await eventually(() => state.opened === 1, 'the frame has come')
    client.close()
    await eventually(() => state.closed === 1, 'the connection has ended')
    answer({ records: [referred(release)] })
    await eventually(() => state.dropped === 1, 'the reply is dropped')
    await eventually(() => release.mock.calls.length > 0, 'the record is given back')
  })

  test('a reply that comes after the listener was closed gives its records back', async () => {
    const release = vi.fn()
    let answer = (_: { records: ReferredRecord[] }) => {}
    const { listener, state } = await listen(() => new Promise((resolve) => (answer = resolve)))
    rawClient(listener.endpoint).send(['', peek(-1)])
    await eventually(() => state.opened === 1, 'the frame has come')
    await listener.close()
    answer({ records: [referred(release)] })
    await eventually(() => release.mock.calls.length > 0, 'the record is given back')
  })

  test('a reply that is too large gives its records back, before anything is popped', async () => {
    const release = vi.fn()
    const commands: string[] = []
    const huge = { byteLength: 2 ** 31 } as Uint8Array
    const { listener } = await listen(async ({ op }) => {
      commands.push(op)
      return { records: [referred(release), { sequence: 2, timestampS: 0, data: huge }] }
    })
    const client = rawClient(listener.endpoint)
    for (const command of [peek(0), pop(0)]) {
      release.mockClear()
      expect(describeAnswer(await exchange(client, command)).text).toContain('ask for fewer')
      expect(release).toHaveBeenCalled()
    }
    expect(commands).toEqual(['peek', 'peek'])
  })
})

describe('ReferenceHolds', () => {
  const makeReply = () => {
    const release = vi.fn()
    const reference = { name: 'x', totalBytes: 64, start: 0, byteLength: 3, release }
    const encodeInline = vi.fn(() => new Uint8Array(3))
    return {
      release,
      encodeInline,
      reply: new RobotmqReply(new Uint8Array(9), { references: [reference], encodeInline }),
    }
  }

  test('a reply that may be resent outlives its connection and becomes inline at the deadline', async () => {
    const holds = new ReferenceHolds(0.02)
    const { reply, release, encodeInline } = makeReply()
    const onInline = vi.fn()
    holds.keep('a', reply, { awaited: () => true, onInline })
    holds.onGone('a')
    holds.onUnsent(reply)
    expect(release).not.toHaveBeenCalled()
    encodeInline.mockImplementation(() => {
      expect(release).not.toHaveBeenCalled()
      return new Uint8Array(3)
    })
    await eventually(() => onInline.mock.calls.length === 1, 'the deadline passes')
    expect(release).toHaveBeenCalledTimes(1)
    expect(reply.byteLength).toBe(3)
  })

  test('one that nobody can ask for any more is not copied', async () => {
    const holds = new ReferenceHolds(0.02)
    const { reply, release, encodeInline } = makeReply()
    holds.keep('a', reply, { awaited: () => false, onInline: () => {} })
    await eventually(() => release.mock.calls.length > 0, 'the deadline passes')
    expect(encodeInline).not.toHaveBeenCalled()
  })

  test('the last connection that was sent it decides', () => {
    const holds = new ReferenceHolds(600)
    const { reply, release } = makeReply()
    const resendable = { awaited: () => true, onInline: () => {} }
    holds.keep('a', reply, resendable)
    holds.onGone('a')
    holds.keep('b', reply, resendable)
    holds.onMessage('c')
    expect(release).not.toHaveBeenCalled()
    holds.onMessage('b')
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('the deadline counts from the last resend', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const holds = new ReferenceHolds(1)
    const { reply, release } = makeReply()
    const resendable = { awaited: () => true, onInline: () => {} }
    holds.keep('a', reply, resendable)
    vi.advanceTimersByTime(900)
    holds.keep('b', reply, resendable)
    vi.advanceTimersByTime(900)
    expect(release).not.toHaveBeenCalled()
    vi.advanceTimersByTime(100)
    expect(release).toHaveBeenCalledTimes(1)
  })

  test('nothing is kept once it is closed', () => {
    const holds = new ReferenceHolds(600)
    const [one, two] = [makeReply(), makeReply()]
    holds.keep('a', one.reply)
    holds.close()
    holds.keep('a', two.reply)
    expect([one.release.mock.calls.length, two.release.mock.calls.length]).toEqual([1, 1])
  })
})

describe.skipIf(python === undefined)("robotmq's client", () => {
  const image = Buffer.alloc(900_000, 'pixels ')

  test('peeks and pops by reference', async () => {
    const { endpoint, put, memory } = await setUp(FOR_EVER)
    const client = await startPython('client', endpoint)
    put(image, MAGIC_PAYLOAD, 'third')
    const expected = [image, MAGIC_PAYLOAD, Buffer.from('third')].map(toBase64)
    expect(await client.ask({ op: 'peek', topic: 's', n: 0 })).toMatchObject({ data: expected })
    expect(memory.leased).toBe(3)
    expect(await client.ask({ op: 'peek', topic: 's', n: -1 })).toMatchObject({ data: [expected[2]] })
    expect(memory.leased).toBe(1)
    expect(await client.ask({ op: 'pop', topic: 's', n: 2 })).toMatchObject({ data: expected.slice(0, 2) })
    expect(await client.ask({ op: 'status', topic: 's' })).toBe(1)
    expect(memory.leased).toBe(0)
    expect(memory.given).toBeGreaterThanOrEqual(6)
  })

  test('its death ends its leases', async () => {
    const { endpoint, put, memory } = await setUp(FOR_EVER)
    const client = await startPython('client', endpoint)
    put('one', 'two')
    await client.ask({ op: 'peek', topic: 's', n: 0 })
    expect(memory.leased).toBe(2)
    await client.kill()
    await eventually(() => memory.leased === 0, 'the leases are given back')
  })

  test('puts to the topic and requests on it, inline', async () => {
    const { server, memory, endpoint } = await setUp(FOR_EVER)
    const client = await startPython('client', endpoint)
    await client.ask({ op: 'put', topic: 's', data: toBase64('from Python') })
    expect(await client.ask({ op: 'peek', topic: 's', n: -1 })).toMatchObject({ data: [toBase64('from Python')] })
    server.onRequest('s', async (request) => Buffer.concat([Buffer.from('act:'), request]))
    for (const text of ['one', 'two']) {
      const answer = (await client.ask({ op: 'request', topic: 's', data: toBase64(text) })) as string
      expect(fromBase64(answer).toString()).toBe(`act:${text}`)
    }
    expect(memory.given).toBe(1)
    expect(await server.getTopicStatus('s')).toBe(1)
  })
})

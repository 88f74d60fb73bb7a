import { Buffer } from 'node:buffer'
import type { Command, FileReference, Link, ReferenceExchange } from '@rmq/core'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { decodeFileReference, encodeFileReference } from '../src/robotmq/file-reference.ts'
import { readRecordBlock, recordBlockBytes, writeRecordBlock } from '../src/robotmq/record-block.ts'
import { eventually } from './support/eventually.ts'
import { type Answer, type FakeRobotmq, fakeRobotmq } from './support/fake-robotmq.ts'
import { RobotmqCommand } from './support/robotmq-frames.ts'

type Asked = Parameters<Parameters<typeof fakeRobotmq>[0]>[0]

const SHARED: Answer = { body: Buffer.from('0000000001000000', 'hex') }
const PLAIN: Answer = { body: Buffer.from('0000000000000000', 'hex') }

/** Memory that is a text for each place. */
class FakeMemory implements ReferenceExchange {
  readonly texts = new Map<number, string>()
  readonly offered = new Map<string, { readonly data: Uint8Array; released: boolean }>()

  /** Whether it is the server's. */
  readonly here: boolean

  constructor(here = true) {
    this.here = here
  }

  holds(): boolean {
    return this.here
  }

  /** A record of the server with this text, at a place that it has for itself. */
  record(timestampS: number, text: string) {
    this.texts.set(timestampS, text)
    const reference = { name: 'memory', totalBytes: 1000, start: timestampS, byteLength: text.length }
    return { timestampS, data: encodeFileReference(reference) }
  }

  async read({ start }: FileReference): Promise<Uint8Array> {
    return Buffer.from(this.texts.get(start)!)
  }

  offer(data: Uint8Array) {
    const name = `offer${this.offered.size}`
    const offer = { data, released: false }
    this.offered.set(name, offer)
    const release = () => {
      offer.released = true
    }
    return { name, totalBytes: data.byteLength, start: 0, byteLength: data.byteLength, release }
  }

  /** Whether the files of the requests so far are gone. */
  get released(): boolean[] {
    return [...this.offered.values()].map(({ released }) => released)
  }
}

async function meet(
  answer: (asked: Asked, nth: number) => Answer,
  references?: ReferenceExchange,
): Promise<{ link: Link; fake: FakeRobotmq }> {
  const fake = fakeRobotmq((asked, nth) => (asked.command === RobotmqCommand.STATUS ? SHARED : answer(asked, nth)))
  const link = await zmqTransport().connect(fake.endpoint, {
    clientName: 'tester',
    ...(references !== undefined && { references }),
  })
  onTestFinished(() => link.close())
  return { link, fake }
}

function block(...records: { timestampS: number; data: Uint8Array }[]): Exclude<Answer, 'silence'> {
  const body = new Uint8Array(recordBlockBytes(records))
  writeRecordBlock(body, 0, records)
  return { body }
}

const countOf = ({ body }: Asked) => Buffer.from(body).readInt32LE(0)
const counts = ({ received }: FakeRobotmq, command: number) =>
  received.filter(({ frame }) => frame.command === command).map(({ frame }) => countOf(frame))
const texts = ({ records }: { records: readonly { data: Uint8Array }[] }) =>
  records.map(({ data }) => Buffer.from(data).toString('latin1'))

describe('a peek', () => {
  const peek = (n: number): Command & { op: 'peek' } => ({ op: 'peek', topic: 't', n })

  test('brings records from the memory and from the wire, in order', async () => {
    const memory = new FakeMemory()
    const records = [memory.record(1, 'one'), { timestampS: 2, data: Buffer.from('two') }, memory.record(3, 'three')]
    const { link } = await meet((asked) => block(...(countOf(asked) === 1 ? records.slice(0, 1) : records)), memory)
    expect(texts(await link.call(peek(0)))).toEqual(['one', 'two', 'three'])
  })

  test('begins again when the server has overwritten the record meanwhile', async () => {
    const memory = new FakeMemory()
    const [old, later] = [memory.record(1, 'torn'), memory.record(2, 'later')]
    const { link, fake } = await meet((_asked, nth) => block(nth === 1 ? old : later), memory)
    expect(texts(await link.call(peek(-1)))).toEqual(['later'])
    expect(counts(fake, RobotmqCommand.PEEK)).toEqual([-1, 1, -1, 1])
  })

  test('leaves out only what was overwritten', async () => {
    const memory = new FakeMemory()
    const records = [1, 2, 3].map((timestampS) => memory.record(timestampS, `${timestampS}`))
    const { link } = await meet((_asked, nth) => block(...(nth === 1 ? records : records.slice(1))), memory)
    expect(texts(await link.call(peek(0)))).toEqual(['2', '3'])
  })

  test('brings nothing where each record is gone before it was copied', async () => {
    const memory = new FakeMemory()
    const { link } = await meet((_asked, nth) => block(memory.record(nth, 'torn')), memory)
    expect(texts(await link.call(peek(-1)))).toEqual([])
    const emptied = await meet((asked) => block(...(countOf(asked) === 1 ? [] : [memory.record(1, 'x')])), memory)
    expect(texts(await emptied.link.call(peek(-1)))).toEqual([])
  })

  test('takes the payload for what it is, also one that looks like a reference', async () => {
    const memory = new FakeMemory()
    const record = memory.record(1, '\r\n\r\x0bpayload')
    const { link } = await meet(() => block(record), memory)
    expect(texts(await link.call(peek(-1)))).toEqual(['\r\n\r\x0bpayload'])
    expect(texts(await link.call({ op: 'pop', topic: 't', n: 0 }))).toEqual(['\r\n\r\x0bpayload'])
  })

  test.each([
    ['too short', Buffer.from('0d0a0d0b', 'hex')],
    ['without a name', Buffer.concat([Buffer.from('0d0a0d0b', 'hex'), Buffer.alloc(32)])],
    ['whose name is longer than itself', Buffer.concat([Buffer.from('0d0a0d0b', 'hex'), Buffer.alloc(54, 255)])],
  ])('of a reference that is %s fails', async (_what, data) => {
    const { link } = await meet(() => block({ timestampS: 1, data }), new FakeMemory())
    await expect(link.call(peek(-1))).rejects.toMatchObject({ code: 'MALFORMED_MESSAGE' })
  })
})

describe('a pop', () => {
  const pop: Command = { op: 'pop', topic: 't', n: -1 }

  test('brings what was in the memory while the records were in the topic', async () => {
    const memory = new FakeMemory()
    const records = [1, 2].map((timestampS) => memory.record(timestampS, `${timestampS}`))
    const { link, fake } = await meet((asked) => {
      if (asked.command === RobotmqCommand.PEEK) return block(...records)
      const late = memory.record(3, '3')
      for (const timestampS of [1, 2]) memory.texts.set(timestampS, 'overwritten')
      return block(records[1]!, late)
    }, memory)
    expect(texts(await link.call(pop))).toEqual(['2', '3'])
    expect(counts(fake, RobotmqCommand.PEEK)).toEqual([0])
    expect(counts(fake, RobotmqCommand.POP)).toEqual([-1])
  })

  test('removes nothing where the payloads are out of reach', async () => {
    const { link, fake } = await meet(() => block())
    await expect(link.call(pop)).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(counts(fake, RobotmqCommand.POP)).toEqual([])
  })
})

describe('a request', () => {
  afterEach(() => void vi.useRealTimers())
  const request = (): Command & { op: 'request' } => ({ op: 'request', topic: 't', data: Buffer.from('question') })
  const requests = ({ received }: FakeRobotmq) =>
    received.filter(({ frame }) => frame.command === RobotmqCommand.REQUEST)
  const yes: Exclude<Answer, 'silence'> = block({ timestampS: 5, data: Buffer.from('yes') })

  test('lies in a file until it is answered', async () => {
    const memory = new FakeMemory()
    let released: boolean[] = []
    const { link, fake } = await meet(() => {
      released = memory.released
      return yes
    }, memory)
    expect(Buffer.from((await link.call(request())).data).toString()).toBe('yes')
    const [record] = readRecordBlock(requests(fake)[0]!.frame.body)
    const { name } = decodeFileReference(record!.data)
    expect(Buffer.from(memory.offered.get(name)!.data).toString()).toBe('question')
    expect([released, memory.released]).toEqual([[false], [true]])
  })

  test('is answered from the memory too', async () => {
    const memory = new FakeMemory()
    const { link } = await meet(() => block(memory.record(7, 'from the memory')), memory)
    expect(Buffer.from((await link.call(request())).data).toString()).toBe('from the memory')
  })

  test('that is sent again is the same bytes, and its file stays until each send was answered', async () => {
    const memory = new FakeMemory()
    let answering = false
    const { link, fake } = await meet(({ command }) => {
      if (command !== RobotmqCommand.REQUEST) return block()
      return answering ? yes : 'silence'
    }, memory)
    const command = request()
    const abandoned = new AbortController()
    const first = link.call(command, { signal: abandoned.signal })
    await eventually(() => requests(fake).length === 1, 'the first has arrived')
    answering = true
    await link.call(command)
    const [one, two] = requests(fake)
    expect(two!.bytes.equals(one!.bytes)).toBe(true)
    abandoned.abort(new Error('given up'))
    await expect(first).rejects.toThrow('given up')
    expect(memory.released).toEqual([false])
    fake.answerLate(RobotmqCommand.REQUEST, yes)
    await eventually(() => memory.released[0] === true, 'the late answer lets the file go')
  })

  test('that never left this process leaves no file', async () => {
    const memory = new FakeMemory()
    const { link } = await meet(() => 'silence', memory)
    await link.call({ op: 'status', topic: 't' })
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(link.call(request(), { signal })).rejects.toThrow('too late')
    expect(memory.released).toEqual([true])
  })

  test('that the server may yet read keeps its file for a while when the client closes', async () => {
    const memory = new FakeMemory()
    const { link, fake } = await meet(() => 'silence', memory)
    const unanswered = link.call(request())
    await eventually(() => requests(fake).length === 1, 'it has arrived')
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    void link.close()
    await expect(unanswered).rejects.toMatchObject({ code: 'CLOSED' })
    vi.advanceTimersByTime(599_000)
    expect(memory.released).toEqual([false])
    vi.advanceTimersByTime(1000)
    expect(memory.released).toEqual([true])
  })

  test('is not sent to a server that could not find its file', async () => {
    const { link, fake } = await meet(() => yes, new FakeMemory(false))
    await expect(link.call(request())).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(requests(fake)).toEqual([])
  })

  test('goes on the wire to a topic that is not in shared memory', async () => {
    const memory = new FakeMemory()
    const fake = fakeRobotmq(({ command }) => (command === RobotmqCommand.STATUS ? PLAIN : yes))
    const link = await zmqTransport().connect(fake.endpoint, { clientName: 'tester', references: memory })
    onTestFinished(() => link.close())
    await link.call(request())
    expect(memory.offered.size).toBe(0)
  })
})

test('a put is refused: no client of the original can put into shared memory', async () => {
  const memory = new FakeMemory()
  const { link, fake } = await meet(() => block(), memory)
  const put = link.call({ op: 'put', topic: 't', data: Uint8Array.of(1) })
  await expect(put).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  expect(fake.received.map(({ frame }) => frame.command)).toEqual([RobotmqCommand.STATUS])
  expect(memory.offered.size).toBe(0)
})

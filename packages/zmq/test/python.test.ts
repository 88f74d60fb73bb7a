import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { freePort } from './support/free-port.ts'
import { fromBase64, oldPython, python, startPython, toBase64 } from './support/python.ts'
import { startServer } from './support/test-server.ts'

interface Records {
  readonly data: string[]
  readonly timestamps: number[]
}

const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const texts = (records: unknown) => (records as Records).data.map((text) => fromBase64(text).toString())
const endpointFor = async (scheme: 'ipc' | 'tcp') =>
  scheme === 'ipc' ? freshEndpoint() : `tcp://127.0.0.1:${await freePort()}`

const versions = [
  ['0.1.16', python],
  ['0.1.14', oldPython],
] as const

describe.each(versions)('robotmq %s', (_version, interpreter) => {
  describe.skipIf(interpreter === undefined).each(['ipc', 'tcp'] as const)('over %s', (scheme) => {
    test('its client and our server: every command', async () => {
      const { server, endpoint } = await startServer(freshEndpoint(scheme))
      const client = await startPython('client', endpoint, interpreter)
      expect(await client.ask({ op: 'status', topic: 't' })).toBe(0)
      expect(await client.ask({ op: 'status', topic: 'nope' })).toBe(-1)
      expect(await client.ask({ op: 'peek', topic: 't', n: -1 })).toEqual({ data: [], timestamps: [] })
      const image = randomBytes(2_764_800)
      for (const text of ['one', 'two', 'three']) await client.ask({ op: 'put', topic: 't', data: toBase64(text) })
      expect(texts(await client.ask({ op: 'peek', topic: 't', n: 2 }))).toEqual(['one', 'two'])
      expect(texts(await client.ask({ op: 'peek', topic: 't', n: -2 }))).toEqual(['two', 'three'])
      expect(texts(await client.ask({ op: 'peek', topic: 't', n: 0 }))).toEqual(['one', 'two', 'three'])
      expect(texts(await client.ask({ op: 'pop', topic: 't', n: 1 }))).toEqual(['one'])
      expect(texts(await client.ask({ op: 'pop', topic: 't', n: -1 }))).toEqual(['three'])
      expect(texts(await client.ask({ op: 'pop', topic: 't', n: 0 }))).toEqual(['two'])
      await client.ask({ op: 'put', topic: 't', data: toBase64(image) })
      const [record] = await server.peekData('t', -1)
      expect(sha(record!.data)).toBe(sha(image))
      const { data, timestamps } = (await client.ask({ op: 'peek', topic: 't', n: -1 })) as Records
      expect(sha(fromBase64(data[0]!))).toBe(sha(image))
      expect(timestamps[0]).toBeCloseTo(record!.timestampS, 5)
      expect(((await client.ask({ op: 'last' })) as string[]).map((text) => sha(fromBase64(text)))).toEqual([
        sha(image),
      ])
      server.onRequest('t', async (request) => Buffer.concat([Buffer.from('act:'), request]))
      const answer = (await client.ask({ op: 'request', topic: 't', data: toBase64('obs') })) as string
      expect(fromBase64(answer).toString()).toBe('act:obs')
    })

    test('our client and its server: every command', async () => {
      const endpoint = await endpointFor(scheme)
      const server = await startPython('server', endpoint, interpreter)
      await server.ask({ op: 'addTopic', topic: 't', seconds: 10 })
      const link = await zmqTransport().connect(endpoint, { clientName: 'tester' })
      onTestFinished(() => link.close())
      expect(link.dialect).toBe('robotmq')
      expect(await link.call({ op: 'status', topic: 'nope' })).toEqual({ count: -1 })
      expect((await link.call({ op: 'peek', topic: 't', n: -1 })).records).toEqual([])
      for (const text of ['one', 'two', 'three']) {
        await link.call({ op: 'put', topic: 't', data: Buffer.from(text) })
      }
      expect(await link.call({ op: 'status', topic: 't' })).toEqual({ count: 3 })
      const { records } = await link.call({ op: 'peek', topic: 't', n: -2 })
      expect(records.map(({ data }) => Buffer.from(data).toString())).toEqual(['two', 'three'])
      const nowS = (await server.ask({ op: 'now' })) as number
      expect(Math.abs(link.serverNowS() - nowS)).toBeLessThan(0.1)
      expect(Math.abs(records[1]!.timestampS - nowS)).toBeLessThan(1)
      // The original removes all, whatever n says.
      expect((await link.call({ op: 'pop', topic: 't', n: 1 })).records).toHaveLength(3)
      const image = randomBytes(2_764_800)
      await server.ask({ op: 'put', topic: 't', data: toBase64(image) })
      const [record] = (await link.call({ op: 'peek', topic: 't', n: -1 })).records
      expect(sha(record!.data)).toBe(sha(image))
      await link.call({ op: 'pop', topic: 't', n: 0 })
      const answer = await link.call({ op: 'request', topic: 't', data: Buffer.from('obs') })
      expect(Buffer.from(answer.data).toString()).toBe('echo:obs')
      await expect(link.call({ op: 'peek', topic: 'nope', n: 1 })).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
      await expect(link.call({ op: 'put', topic: 'nope', data: Buffer.from('x') })).rejects.toMatchObject({
        code: 'TOPIC_NOT_FOUND',
      })
    })
  })
})

describe.skipIf(python === undefined)("robotmq's client and our server", () => {
  test('errors have the words that its programs know, and the client stays usable', async () => {
    const { server, endpoint } = await startServer(freshEndpoint())
    const client = await startPython('client', endpoint)
    for (const op of ['peek', 'pop', 'put', 'request']) {
      await expect(client.ask({ op, topic: 'nope', n: 1, data: toBase64('x') })).rejects.toThrow(
        'Server returned error: Topic `nope` not found. Please first call add_topic to add it into the server topics.',
      )
    }
    server.onRequest('t', () => {
      throw new Error('the arm is off')
    })
    await expect(client.ask({ op: 'request', topic: 't', data: toBase64('x') })).rejects.toThrow('the arm is off')
    server.putData('t', Buffer.from('0d0a0d0b00', 'hex'))
    await expect(client.ask({ op: 'peek', topic: 't', n: -1 })).rejects.toThrow('0d 0a 0d 0b')
    expect(await client.ask({ op: 'status', topic: 't' })).toBe(1)
  })

  test('its resends take effect once', async () => {
    const { server, endpoint } = await startServer(freshEndpoint())
    const client = await startPython('client', endpoint)
    let runs = 0
    server.onRequest('t', async (request) => {
      runs += 1
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return new Uint8Array(request)
    })
    const answer = await client.ask({ op: 'request', topic: 't', data: toBase64('obs'), timeoutS: 0.3 })
    expect(fromBase64(answer as string).toString()).toBe('obs')
    expect(runs).toBe(1)
  })

  test('the server comes back: the client goes on by its resends', async () => {
    const first = await startServer(freshEndpoint())
    const client = await startPython('client', first.endpoint)
    expect(await client.ask({ op: 'status', topic: 't' })).toBe(0)
    await first.server.close()
    const put = client.ask({ op: 'put', topic: 't', data: toBase64('x'), timeoutS: 0.3 })
    const second = await startServer(first.endpoint)
    await put
    expect(await second.server.getTopicStatus('t')).toBe(1)
  })

  test('a client killed in the middle disturbs nobody', async () => {
    const { server, endpoint } = await startServer(freshEndpoint())
    let aborted = false
    let running = false
    server.onRequest('t', (_request, { signal }) => {
      running = true
      signal.addEventListener('abort', () => (aborted = true))
      return new Promise(() => {})
    })
    const client = await startPython('client', endpoint)
    client.ask({ op: 'request', topic: 't', data: toBase64('x'), timeoutS: 30 }).catch(() => {})
    await eventually(() => running, 'the handler runs')
    await client.kill()
    const other = await startPython('client', endpoint)
    expect(await other.ask({ op: 'status', topic: 't' })).toBe(0)
    await eventually(() => aborted, 'the signal is aborted')
  })
})

describe.skipIf(python === undefined)("our client and robotmq's server", () => {
  async function meet() {
    const endpoint = freshEndpoint()
    const server = await startPython('server', endpoint)
    await server.ask({ op: 'addTopic', topic: 't', seconds: 10 })
    const link = await zmqTransport().connect(endpoint, { clientName: 'tester' })
    onTestFinished(() => link.close())
    return { endpoint, server, link }
  }

  test('a request that is sent again runs once', async () => {
    const { server, link } = await meet()
    await server.ask({ op: 'delay', seconds: 0.5 })
    const request = { op: 'request', topic: 't', data: Buffer.from('obs') } as const
    const answers = await Promise.all([link.call(request), link.call(request)])
    expect(answers.map(({ data }) => Buffer.from(data).toString())).toEqual(['echo:obs', 'echo:obs'])
    expect(await server.ask({ op: 'runs' })).toBe(1)
    await link.call({ ...request })
    expect(await server.ask({ op: 'runs' })).toBe(2)
  })

  test('hundreds of calls in flight', async () => {
    const { link } = await meet()
    await link.call({ op: 'put', topic: 't', data: Buffer.from('x') })
    const replies = await Promise.all(Array.from({ length: 1200 }, () => link.call({ op: 'peek', topic: 't', n: -1 })))
    expect(replies.every(({ records }) => records.length === 1)).toBe(true)
  })

  test('topics in shared memory are told apart and never written to', async () => {
    const { server, link } = await meet()
    await server.ask({ op: 'addSharedMemoryTopic', topic: 'shm', seconds: 10 })
    await server.ask({ op: 'put', topic: 'shm', data: toBase64('image') })
    for (const op of ['put', 'request'] as const) {
      await expect(link.call({ op, topic: 'shm', data: Buffer.from('x') })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      })
    }
    await expect(link.call({ op: 'peek', topic: 'shm', n: -1 })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    expect(((await server.ask({ op: 'peek', topic: 'shm', n: 0 })) as Records).data.map(String)).toEqual([
      toBase64('image'),
    ])
  })

  test('a server killed and started again is met again', async () => {
    const { endpoint, server, link } = await meet()
    await server.kill()
    const waiting = new AbortController()
    const again = await startPython('server', endpoint)
    await again.ask({ op: 'addTopic', topic: 't', seconds: 10 })
    await eventually(async () => {
      const timeout = AbortSignal.any([waiting.signal, AbortSignal.timeout(200)])
      const reply = await link.call({ op: 'status', topic: 't' }, { signal: timeout }).catch(() => undefined)
      return reply?.count === 0
    }, 'the new server is met')
  })
})

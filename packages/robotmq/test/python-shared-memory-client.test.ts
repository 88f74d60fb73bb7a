import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Message, RMQClient, RMQLogLevel } from 'robotmq'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Child } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { describePython, PythonPeer } from './support/python-peer.ts'
import { until } from './support/until.ts'

const TOPIC = 'camera'
const MIB = 2 ** 20

type Records = [Uint8Array[], number[]]

const sha = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')
const datas = (messages: readonly Message[]) => messages.map(({ data }) => Buffer.from(data).toString('hex'))

/** Files of shared memory that a process made, as robotmq names them. */
const filesOf = (pid: number | undefined) => readdirSync('/dev/shm').filter((name) => name.includes(`_${pid}_`))

async function startServer(python: string, memoryBytes = MIB) {
  const endpoint = await freshEndpoint('ipc')
  const server = await PythonPeer.start(python, 'server', endpoint)
  onTestFinished(async () => {
    await server.close()
    for (const name of filesOf(server.process.pid)) rmSync(`/dev/shm/${name}`)
  })
  await server.call('add_shared_memory_topic', TOPIC, 60, memoryBytes / 2 ** 30)
  return { server, endpoint }
}

async function connect(endpoint: string): Promise<RMQClient> {
  const client = await RMQClient.connect('viewer', endpoint, { logLevel: RMQLogLevel.OFF })
  onTestFinished(async () => {
    await client.close()
    expect(filesOf(process.pid)).toEqual([])
  })
  return client
}

for (const version of ['0.1.16', '0.1.14'] as const) {
  describePython(version, `our client and shared memory topics of a Python server ${version}`, (python) => {
    describe('reading', () => {
      test.each([64, 4096, 65_537, 921_600, 3_000_000])('a record of %i bytes', async (byteLength) => {
        const { server, endpoint } = await startServer(python, 4 * MIB)
        const client = await connect(endpoint)
        const record = randomBytes(byteLength)
        await server.call('put_data', TOPIC, record)
        const [peeked] = await client.peekData(TOPIC, -1)
        expect(sha(peeked!.data)).toBe(sha(record))
        const [popped] = await client.popData(TOPIC, 0)
        expect(sha(popped!.data)).toBe(sha(record))
        expect(await client.peekData(TOPIC, -1)).toEqual([])
      })

      test('many records, in time order, as n says', async () => {
        const { server, endpoint } = await startServer(python)
        const client = await connect(endpoint)
        expect(await client.peekData(TOPIC, 0)).toEqual([])
        const records = Array.from({ length: 40 }, (_, index) => Buffer.alloc(1000 + index, index))
        for (const record of records) await server.call('put_data', TOPIC, record)
        const hex = records.map((record) => record.toString('hex'))
        const all = await client.peekData(TOPIC, 0)
        expect(datas(all)).toEqual(hex)
        const [, timestamps] = await server.call<Records>('peek_data', TOPIC, 0)
        expect(all.map(({ timestampS }) => timestampS)).toEqual(timestamps)
        expect(datas(await client.peekData(TOPIC, 3))).toEqual(hex.slice(0, 3))
        expect(datas(await client.peekData(TOPIC, -3))).toEqual(hex.slice(-3))
        // The original removes all, whatever n says.
        expect(datas(await client.popData(TOPIC, 1))).toEqual(hex)
      })

      test('records wherever in the memory they lie', async () => {
        const memoryBytes = 1024
        const { server, endpoint } = await startServer(python, memoryBytes)
        const client = await connect(endpoint)
        const kept: Buffer[] = []
        // Steps of 93 bytes meet every place; then records that end exactly at the end of the memory, and that fill it.
        const sizes = [...Array.from({ length: 60 }, () => 93), 468, 512, 512, 1024, 1, 1023, 1024]
        for (const [index, size] of sizes.entries()) {
          const record = Buffer.alloc(size, index + 1)
          await server.call('put_data', TOPIC, record)
          kept.push(record)
          while (kept.reduce((sum, { byteLength }) => sum + byteLength, 0) > memoryBytes) kept.shift()
          expect(datas(await client.peekData(TOPIC, 0))).toEqual(kept.map((one) => one.toString('hex')))
        }
      })

      test('a topic that its server overwrites all the time: never a torn record', async () => {
        const endpoint = await freshEndpoint('ipc')
        const script = fileURLToPath(new URL('./support/fast_writer.py', import.meta.url))
        // No multiple of the records: each lies elsewhere than those before it.
        const args = ['-u', script, endpoint, TOPIC, '700001', '200000']
        const writer = spawn(python, args, { stdio: ['ignore', 'pipe', 'inherit'] })
        onTestFinished(async () => {
          const ended = once(writer, 'exit')
          writer.kill('SIGKILL')
          await ended
          for (const name of filesOf(writer.pid)) rmSync(`/dev/shm/${name}`)
        })
        await once(writer.stdout, 'data')
        writer.stdout.resume()
        const client = await connect(endpoint)
        let read = 0
        let torn = 0
        for (let turn = 0; read < 300; turn++) {
          for (const { data } of await client.peekData(TOPIC, turn % 2 === 0 ? 0 : -1)) {
            read++
            // The SHA-256 of the rest comes first.
            if (Buffer.from(data.subarray(0, 32)).toString('hex') !== sha(data.subarray(32))) torn++
          }
        }
        expect(torn).toBe(0)
      }, 120_000)

      test('a process that was killed while it held the lock of the memory keeps nobody waiting', async () => {
        const { server, endpoint } = await startServer(python)
        const client = await connect(endpoint)
        await server.call('put_data', TOPIC, Buffer.from('frame'))
        const [mutex] = filesOf(server.process.pid).filter((name) => name.endsWith('_mutex'))
        const lock =
          'import ctypes, mmap, os, sys; file = open(sys.argv[1], "r+b"); memory = mmap.mmap(file.fileno(), 40); ' +
          'ctypes.CDLL(None).pthread_mutex_lock(ctypes.byref(ctypes.c_char.from_buffer(memory))); os.kill(os.getpid(), 9)'
        const [, signal] = await once(spawn(python, ['-c', lock, `/dev/shm/${mutex}`], { stdio: 'inherit' }), 'exit')
        expect(signal).toBe('SIGKILL')
        expect(Buffer.from((await client.peekData(TOPIC, -1))[0]!.data).toString()).toBe('frame')
      })
    })

    test('clients of ours that are killed while they read disturb neither the server nor its other clients', async () => {
      const { server, endpoint } = await startServer(python, 8 * MIB)
      const other = await PythonPeer.start(python, 'client', endpoint)
      onTestFinished(() => other.close())
      const record = randomBytes(3_000_000)
      await server.call('put_data', TOPIC, record)
      for (let round = 0; round < 5; round++) {
        const reader = new Child('peek-loop.mjs', [endpoint, TOPIC])
        onTestFinished(() => reader.kill())
        await reader.line('reading')
        await reader.kill()
        await server.call('put_data', TOPIC, record)
        const [[read]] = await other.call<Records>('peek_data', TOPIC, -1)
        expect(sha(read!)).toBe(sha(record))
      }
    })

    describe('requests', () => {
      test.each([1, 64, 921_600, 3_000_000])('of %i bytes, answered by as many', async (byteLength) => {
        const { server, endpoint } = await startServer(python, 4 * MIB)
        await server.call('serve_requests')
        const client = await connect(endpoint)
        for (let turn = 0; turn < 3; turn++) {
          const request = randomBytes(byteLength)
          const answer = await client.requestWithData(TOPIC, request)
          expect(sha(answer)).toBe(sha(Buffer.from(request).reverse()))
        }
        expect(filesOf(process.pid)).toEqual([])
      })

      test('that look like a reference', async () => {
        const { server, endpoint } = await startServer(python)
        await server.call('serve_requests')
        const client = await connect(endpoint)
        const answer = await client.requestWithData(TOPIC, Buffer.from('0d0a0d0b00112233', 'hex'))
        expect(Buffer.from(answer).toString('hex')).toBe('332211000b0d0a0d')
      })

      test('to a server with another /dev/shm are refused, and the server goes on', async () => {
        const { server, endpoint } = await startServer(python)
        await server.call('put_data', TOPIC, Buffer.from('frame'))
        const client = await connect(endpoint)
        const [segment] = filesOf(server.process.pid).filter((name) => !name.endsWith('_mutex'))
        renameSync(`/dev/shm/${segment}`, `/dev/shm/${segment}-elsewhere`)
        await expect(client.requestWithData(TOPIC, Buffer.from('x'))).rejects.toMatchObject({ code: 'UNSUPPORTED' })
        await expect(client.peekData(TOPIC, -1)).rejects.toThrow(/ENOENT.*dev\/shm/)
        expect(await client.getTopicStatus(TOPIC)).toBe(1)
      })

      test('that were given up: the server finds them all the same, and goes on', async () => {
        const { server, endpoint } = await startServer(python)
        const client = await connect(endpoint)
        const once = { timeoutS: 0.2, automaticResend: false }
        for (let count = 0; count < 3; count++) {
          await expect(client.requestWithData(TOPIC, Buffer.from('x'), once)).rejects.toMatchObject({ code: 'TIMEOUT' })
        }
        expect(filesOf(process.pid)).toHaveLength(3)
        await server.call('serve_requests')
        const answer = await client.requestWithData(TOPIC, Buffer.from('abc'), { timeoutS: 20 })
        expect(Buffer.from(answer).toString()).toBe('cba')
        expect(filesOf(process.pid)).toEqual([])
      })

      test('that a server never answers are refused before their files fill the memory', async () => {
        const { server, endpoint } = await startServer(python)
        const client = await connect(endpoint)
        const once = { timeoutS: 0.05, automaticResend: false }
        const codes: string[] = []
        for (let count = 0; count < 12; count++) {
          await client.requestWithData(TOPIC, Buffer.from('x'), once).catch(({ code }) => codes.push(code))
        }
        expect(codes).toEqual([...Array(8).fill('TIMEOUT'), ...Array(4).fill('STALLED')])
        await server.close()
        await until(() => filesOf(process.pid).length === 0)
      })
    })

    test('a put is refused, and the topic stays as it is for everybody', async () => {
      const { server, endpoint } = await startServer(python)
      await server.call('add_topic', 'plain', 60)
      const client = await connect(endpoint)
      const other = await PythonPeer.start(python, 'client', endpoint)
      onTestFinished(() => other.close())
      await server.call('put_data', TOPIC, Buffer.from('frame'))
      await expect(client.putData(TOPIC, Buffer.from('x'))).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      await client.putData('plain', Buffer.from('x'))
      for (const peer of [server, other]) {
        const [records] = await peer.call<Records>('peek_data', TOPIC, 0)
        expect(records.map((record) => Buffer.from(record).toString())).toEqual(['frame'])
      }
    })

    test('a Python client reads the right bytes all the while', async () => {
      const { server, endpoint } = await startServer(python)
      await server.call('serve_requests')
      const client = await connect(endpoint)
      const other = await PythonPeer.start(python, 'client', endpoint)
      onTestFinished(() => other.close())
      await server.call('add_shared_memory_topic', 'images', 60, 1 / 2 ** 10)
      // A turn takes seconds where the server's program waits for requests: it holds Python's lock meanwhile.
      for (let turn = 0; turn < 8; turn++) {
        const record = Buffer.alloc(100_000 + turn, turn)
        await server.call('put_data', 'images', record)
        const [mine, theirs, answer] = await Promise.all([
          client.peekData('images', -1),
          other.call<Records>('peek_data', 'images', -1),
          client.requestWithData(TOPIC, record),
        ])
        expect([mine[0]!.data, theirs[0][0]!, answer.reverse()].map(sha)).toEqual(Array(3).fill(sha(record)))
      }
    }, 120_000)

    test('the server is killed in between: typed errors, nothing hangs, nothing stays', async () => {
      const { server, endpoint } = await startServer(python)
      const client = await connect(endpoint)
      await server.call('put_data', TOPIC, Buffer.alloc(100_000))
      expect(await client.peekData(TOPIC, -1)).toHaveLength(1)
      const once = { timeoutS: 0.5, automaticResend: false }
      const peeks = Array.from({ length: 20 }, () =>
        client.peekData(TOPIC, -1, once).then(
          () => 'read',
          ({ code }) => code,
        ),
      )
      const request = client.requestWithData(TOPIC, Buffer.from('x'), once).catch(({ code }) => code)
      await server.close()
      for (const outcome of await Promise.all(peeks)) expect(outcome).toMatch(/^(read|TIMEOUT)$/)
      expect(await request).toMatch(/^(TIMEOUT|OUTCOME_UNKNOWN)$/)
      await until(() => filesOf(process.pid).length === 0)
    })
  })
}

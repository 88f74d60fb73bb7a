import { readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import type { Link } from '@rmq/core'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { encodeLaneMessage, LANE_MOST_BYTES, LaneReader } from '../src/lane/lane-codec.ts'
import { decodeFrame } from '../src/robotmq/frame.ts'
import { encodeClientHello, readServerHello } from '../src/robotmq/hello.ts'
import { encodeCall } from '../src/wire/call-codec.ts'
import { decodeHead, MessageKind } from '../src/wire/head.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { exchange, rawClient } from './support/raw-client.ts'
import { startServer } from './support/test-server.ts'

const PEEK = { op: 'peek', topic: 't', n: -1 } as const

async function connect(endpoint: string): Promise<Link> {
  const link = await zmqTransport().connect(endpoint, { clientName: 'tester' })
  onTestFinished(() => link.close())
  return link
}

/** A lane opened by hand: what comes is cut into messages. */
async function openLane(path: string, key: string) {
  const socket: Socket = connectSocket(path)
  onTestFinished(() => void socket.destroy())
  const messages: Buffer[][] = []
  const reader = new LaneReader((frames) => messages.push(frames))
  socket.on('data', (chunk) => reader.push(chunk))
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(encodeLaneMessage([Buffer.from(key)])!)
  return { socket, messages }
}

async function invitation(endpoint: string) {
  const client = rawClient(endpoint)
  const { body } = decodeFrame(await exchange(client, encodeClientHello({ client: 'raw' })))
  return { client, lane: readServerHello(body)!.lane! }
}

describe('the bytes of a lane', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 })

  test('messages come out as they went in, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 700 })), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map((message) => encodeLaneMessage(message)!))
        const got: Buffer[][] = []
        const reader = new LaneReader((message) => got.push(message))
        let offset = 0
        for (const cut of [...cuts, bytes.byteLength]) {
          reader.push(bytes.subarray(offset, offset + cut))
          offset = Math.min(offset + cut, bytes.byteLength)
        }
        expect(got.map((message) => message.map((frame) => [...frame]))).toEqual(
          sent.map((message) => message.map((frame) => [...frame])),
        )
      }),
    )
  })

  test('any bytes are messages or malformed, in bounded memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const reader = new LaneReader(() => {})
        try {
          reader.push(Buffer.from(bytes))
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'MALFORMED_MESSAGE' })
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a message has a largest size', () => {
    expect(encodeLaneMessage([new Uint8Array(LANE_MOST_BYTES - 9)])).toBeDefined()
    expect(encodeLaneMessage([new Uint8Array(LANE_MOST_BYTES - 8)])).toBeUndefined()
  })
})

describe('a server’s lanes', () => {
  test('are for this user alone, beside the endpoint, and go with it', async () => {
    const endpoint = freshEndpoint()
    const path = endpoint.slice('ipc://'.length)
    // As a dead server left it.
    writeFileSync(`${path}.lane`, '')
    const { server } = await startServer(endpoint)
    expect(statSync(`${path}.lane`).isSocket()).toBe(true)
    expect(statSync(`${path}.lane`).mode & 0o777).toBe(0o600)
    await server.close()
    expect(readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)))).toEqual([])
  })

  test('answer small calls there and large ones over ZeroMQ', async () => {
    const { server, endpoint } = await startServer(freshEndpoint())
    server.putData('t', new Uint8Array(100).fill(1))
    const { client, lane } = await invitation(endpoint)
    const { socket, messages } = await openLane(lane.path, lane.key)
    const ask = (call: number) => socket.write(encodeLaneMessage(encodeCall(call, PEEK))!)
    ask(1)
    await eventually(() => messages.length === 1)
    expect(decodeHead(messages[0]![0]!)).toMatchObject({ kind: MessageKind.REPLY, call: 1 })
    expect(messages[0]![1]).toEqual(Buffer.alloc(100, 1))
    server.putData('t', new Uint8Array(200_000).fill(2))
    ask(2)
    const [head, payload] = (await client.receive()) as [Buffer, Buffer]
    expect(decodeHead(head)).toMatchObject({ kind: MessageKind.REPLY, call: 2 })
    expect(payload.byteLength).toBe(200_000)
    expect(messages.length).toBe(1)
  })

  test('are closed to those without a key, and to those who send nonsense; the server goes on', async () => {
    const { server, endpoint } = await startServer(freshEndpoint())
    const { lane } = await invitation(endpoint)
    const stranger = await openLane(lane.path, 'f'.repeat(32))
    await new Promise((resolve) => stranger.socket.once('close', resolve))
    const friend = await openLane(lane.path, lane.key)
    friend.socket.write(Buffer.alloc(100, 0xff))
    await new Promise((resolve) => friend.socket.once('close', resolve))
    expect((await server.counters()).malformed).toBe(2)
    expect((await (await connect(endpoint)).call({ op: 'status', topic: 't' })).count).toBe(0)
  })

  test('end with the client’s connection', async () => {
    const { endpoint } = await startServer(freshEndpoint())
    const { client, lane } = await invitation(endpoint)
    const { socket } = await openLane(lane.path, lane.key)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    client.close()
    await closed
  })
})

describe('a link', () => {
  test('does without a lane where there is none', async () => {
    const endpoint = freshEndpoint()
    const { server } = await startServer(endpoint)
    unlinkSync(`${endpoint.slice('ipc://'.length)}.lane`)
    server.putData('t', new Uint8Array([7]))
    const link = await connect(endpoint)
    for (let round = 0; round < 20; round++) expect((await link.call(PEEK)).records[0]!.data[0]).toBe(7)
  })

  test('gets the right answer by either way, whatever the sizes', async () => {
    const { server, endpoint } = await startServer(freshEndpoint())
    server.onRequest('t', async (request) => request)
    const link = await connect(endpoint)
    const sizes = Array.from({ length: 300 }, (_, index) => [10, 5000, 60_000, 70_000, 300_000][index % 5]!)
    const answers = await Promise.all(
      sizes.map((size, index) => link.call({ op: 'request', topic: 't', data: new Uint8Array(size).fill(index) })),
    )
    for (const [index, { data }] of answers.entries()) {
      expect(data.byteLength).toBe(sizes[index])
      expect(data[0]).toBe(index & 255)
      expect(data.at(-1)).toBe(index & 255)
    }
  })

  test('keeps what it was given: a small payload is memory of its own', async () => {
    const { server, endpoint } = await startServer(freshEndpoint())
    for (const value of [1, 2]) server.putData('t', new Uint8Array(64).fill(value))
    const link = await connect(endpoint)
    const first = (await link.call({ op: 'peek', topic: 't', n: 1 })).records[0]!.data
    await link.call({ op: 'peek', topic: 't', n: -1 })
    expect(first).toEqual(new Uint8Array(64).fill(1))
    expect(first.buffer.byteLength).toBe(64)
  })
})

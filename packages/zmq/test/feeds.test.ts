import { expect, onTestFinished, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { encodeCall } from '../src/wire/call-codec.ts'
import { decodePush, encodeCancel, encodeCredit, encodeSubscribe } from '../src/wire/feed-codec.ts'
import { decodeHead, MessageKind } from '../src/wire/head.ts'
import { decodePong, encodePing } from '../src/wire/ping-codec.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { rawClient } from './support/raw-client.ts'
import { startServer } from './support/test-server.ts'

test.each(['ipc', 'tcp'] as const)('hundreds of requests over %s, each given up by its own signal', async (scheme) => {
  const { server, endpoint } = await startServer(freshEndpoint(scheme))
  const running = new Map<number, AbortSignal>()
  server.onRequest('t', (request, { signal }) => {
    const number = request[0]! * 256 + request[1]!
    running.set(number, signal)
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(new Uint8Array(1))))
  })
  const link = await zmqTransport().connect(endpoint, { clientName: 'tester' })
  onTestFinished(() => link.close())
  const controllers = Array.from({ length: 300 }, () => new AbortController())
  const calls = controllers.map(({ signal }, number) =>
    link.call({ op: 'request', topic: 't', data: Uint8Array.of(number >> 8, number & 255) }, { signal }),
  )
  for (const call of calls) call.catch(() => {})
  await eventually(() => running.size === 300, 'all run')
  for (const [number, controller] of controllers.entries()) if (number % 2 === 0) controller.abort(number)
  await eventually(async () => (await server.counters()).pendingRequests === 150, 'half of them are forgotten')
  await eventually(() => [...running.values()].filter(({ aborted }) => aborted).length === 150, 'their handlers know')
  for (const [number, signal] of running) expect(signal.aborted).toBe(number % 2 === 0)
  for (const number of [0, 298]) await expect(calls[number]).rejects.toBe(number)
})

test('a subscription frame by frame: credit, a notice of what is gone, its end', async () => {
  const { server, endpoint } = await startServer(freshEndpoint('tcp'))
  const client = rawClient(endpoint)
  const receive = async () => {
    const frames = (await client.receive())!
    return { head: decodeHead(frames[0]!), frames: frames.slice(1) }
  }
  for (let value = 1; value <= 5; value++) server.putData('t', new Uint8Array(10).fill(value))
  const request = { topic: 't', from: { after: 0 }, policy: 'all', credit: { records: 2, bytes: 1000 } } as const
  client.send(encodeSubscribe(7, request, 0))
  const answer = await receive()
  expect(answer.head).toMatchObject({ kind: MessageKind.REPLY, call: 7 })
  expect(JSON.parse(answer.head.meta)).toMatchObject({ next: 1 })
  const first = await receive()
  expect(first.head).toMatchObject({ kind: MessageKind.PUSH, call: 7, meta: '' })
  expect(decodePush(first.head, first.frames).batch).toMatchObject({ skipped: 0, next: 3 })
  // No credit, no record; and what is popped meanwhile is told of without one.
  await server.popData('t', 0)
  client.send(encodeCredit(7, { records: 4, bytes: 1000 }))
  const gone = await receive()
  expect(decodePush(gone.head, gone.frames)).toEqual({ batch: { followed: [], skipped: 0, next: 6 } })
  server.resetStartTime(0)
  const over = await receive()
  expect(decodePush(over.head, over.frames).end).toBe('over')
  // What is over may still be taken back, and granted to: nothing comes of it.
  client.send(encodeCancel(7))
  client.send(encodeCredit(7, { records: 9, bytes: 1000 }))
  client.send(encodePing(8))
  const pong = await receive()
  expect(pong.head).toMatchObject({ kind: MessageKind.PONG, call: 8 })
  const { inS, outS } = decodePong(pong.head)
  expect(inS).toBeLessThanOrEqual(outS)
  expect(Math.abs(server.getTimestamp() - outS)).toBeLessThan(1)
})

test('a large record ends a subscription that does not take such', async () => {
  const { server, endpoint } = await startServer(freshEndpoint('tcp'))
  const client = rawClient(endpoint)
  server.putData('t', new Uint8Array(10))
  server.putData('t', new Uint8Array(40_000))
  const request = { topic: 't', from: 'oldest', policy: 'all', credit: { records: 9, bytes: 1e6 } } as const
  client.send(encodeSubscribe(1, request, 0))
  await client.receive()
  const small = (await client.receive())!
  expect(decodePush(decodeHead(small[0]!), small.slice(1)).batch.next).toBe(2)
  const end = (await client.receive())!
  expect(decodePush(decodeHead(end[0]!), end.slice(1)).end).toBe('large')
  client.send(encodeSubscribe(2, { ...request, from: { after: 1 }, large: true }, 0))
  await client.receive()
  const large = (await client.receive())!
  expect(decodePush(decodeHead(large[0]!), large.slice(1)).batch.followed[0]!.record.data.byteLength).toBe(40_000)
})

test('what is not understood is answered, and nothing else suffers', async () => {
  const { server, endpoint } = await startServer(freshEndpoint('tcp'))
  const client = rawClient(endpoint)
  const errorOf = async () => {
    const head = decodeHead((await client.receive())![0]!)
    expect(head.kind).toBe(MessageKind.ERROR)
    return { call: head.call, ...(JSON.parse(head.meta) as { code: string }) }
  }
  const [status] = encodeCall(5, { op: 'status', topic: 't' })
  const changed = (offset: number, value: number) => {
    const frame = Buffer.from(status!)
    frame[offset] = value
    return [frame]
  }
  // A later version, a later kind, a subscribe of a topic that is not there and one without a credit.
  client.send(changed(4, 2))
  expect(await errorOf()).toMatchObject({ call: 5, code: 'VERSION_MISMATCH', versions: [1] })
  client.send(changed(5, 9))
  expect(await errorOf()).toMatchObject({ call: 5, code: 'VERSION_MISMATCH' })
  const credit = { records: 1, bytes: 1 }
  client.send(encodeSubscribe(6, { topic: 'nope', from: 'new', policy: 'all', credit }, 0))
  expect(await errorOf()).toMatchObject({ call: 6, code: 'TOPIC_NOT_FOUND' })
  client.send(encodeSubscribe(7, { topic: 't', from: 'new', policy: 'all', credit: {} as typeof credit }, 0))
  expect(await errorOf()).toMatchObject({ call: 7, code: 'MALFORMED_MESSAGE' })
  client.send(encodeCredit(8, {} as typeof credit))
  expect(await errorOf()).toMatchObject({ call: 8, code: 'MALFORMED_MESSAGE' })
  // Pushes and pongs are a server's: an answer to them could go on for ever.
  client.send(changed(5, MessageKind.PUSH))
  client.send(changed(5, MessageKind.PONG))
  client.send(encodeCall(9, { op: 'status', topic: 't', color: 'red' } as never))
  expect(decodeHead((await client.receive())![0]!)).toMatchObject({ call: 9, kind: MessageKind.REPLY })
  expect((await server.counters()).malformed).toBe(6)
})

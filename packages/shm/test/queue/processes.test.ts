import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { makeQueue, uniqueName } from './support/queues.ts'

const program = fileURLToPath(new URL('./support/queue-peer.mjs', import.meta.url))

interface Peer {
  readonly process: ChildProcess
  readonly lines: Interface
  readonly exit: Promise<unknown>
}

/** Running, with the queue open. */
async function startPeer(role: 'put' | 'get', name: string, count: number, mode: 'sync' | 'async'): Promise<Peer> {
  const child = spawn(process.execPath, [program, role, name, String(count), mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
  })
  const lines = createInterface({ input: child.stdout! })
  const failed = exit.then(() => {
    throw new Error('the peer ended before it began')
  })
  await Promise.race([once(lines, 'line'), failed])
  failed.catch(() => {})
  return { process: child, lines, exit }
}

test.each(['sync', 'async'] as const)('processes pass items on, %s', async (mode) => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 8, maxItemBytes: 16 }, name)
  const taker = await startPeer('get', name, 300, mode)
  const got: string[] = []
  taker.lines.on('line', (line) => got.push(line))
  for (let i = 0; i < 300; i++) {
    const item = Buffer.alloc(16)
    item.writeUInt32LE(i, 4)
    await queue.put(item)
  }
  await taker.exit
  expect(got).toEqual(Array.from({ length: 300 }, (_, i) => `0 ${i}`))
})

test('several put, several take: each item once, each putter’s in its order', async () => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 5, maxItemBytes: 16 }, name)
  const putters = await Promise.all([startPeer('put', name, 500, 'sync'), startPeer('put', name, 500, 'async')])
  const got = new Map<number, number[]>()
  const take = async () => {
    while ([...got.values()].flat().length < 1000) {
      const item = Buffer.from(await queue.get({ timeoutS: 20 }))
      const from = item.readUInt32LE(0)
      got.set(from, [...(got.get(from) ?? []), item.readUInt32LE(4)])
      if ([...got.values()].flat().length === 1000) return
    }
  }
  await take()
  const inOrder = Array.from({ length: 500 }, (_, i) => i)
  expect([...got.keys()].sort()).toEqual(putters.map((peer) => peer.process.pid).sort())
  for (const items of got.values()) expect(items).toEqual(inOrder)
})

test.each(['sync', 'async'] as const)('a consumer killed while it waits (%s) takes nothing along', async (mode) => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 5, maxItemBytes: 16 }, name)
  const victim = await startPeer('get', name, 1, mode)
  victim.process.kill('SIGKILL')
  await victim.exit
  await queue.put(Uint8Array.of(7))
  expect(await queue.get({ timeoutS: 10 })).toEqual(Uint8Array.of(7))
})

test('a producer killed in the midst of it leaves whole items, and a queue that works', async () => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 64, maxItemBytes: 16 }, name)
  for (let round = 0; round < 5; round++) {
    const victim = await startPeer('put', name, 1e9, 'sync')
    for (let i = 0; i < 200 + 97 * round; i++) {
      expect(Buffer.from(await queue.get({ timeoutS: 10 })).readUInt32LE(4)).toBe(i)
    }
    victim.process.kill('SIGKILL')
    await victim.exit
    queue.getBatchNowait(64)
  }
  expect(queue.isEmpty).toBe(true)
  for (let i = 0; i < 64; i++) queue.putNowait(new Uint8Array(16))
  expect(queue.isFull).toBe(true)
  await eventually(() => queue.metrics().users.length === 1, 'the dead are gone')
})

test('worker threads share a queue', async () => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 2, maxItemBytes: 16 }, name)
  const dist = new URL('../../dist/index.js', import.meta.url).href
  const worker = new Worker(
    `const { workerData } = require('node:worker_threads')
    import(workerData.dist).then(async ({ SharedQueue }) => {
      const queue = await SharedQueue.open(workerData.name)
      for (let i = 0; i < 100; i++) queue.putSync(Uint8Array.of(i))
    })`,
    { eval: true, workerData: { dist, name } },
  )
  for (let i = 0; i < 100; i++) expect((await queue.get({ timeoutS: 20 }))[0]).toBe(i)
  await once(worker, 'exit')
})

import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { clearSharedMemory, type QueueCodec, type QueueCreateOptions, SharedQueue } from '../../src/index.ts'
import { queuePath } from '../../src/queue/queue-file.ts'
import { makeQueue, uniqueName } from './support/queues.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

const json: QueueCodec<unknown> = {
  id: 'json',
  encode: (value) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (data) => JSON.parse(new TextDecoder().decode(data)),
}

test('items come out in the order they went in', () => {
  const queue = makeQueue({ capacity: 3, maxItemBytes: 10 })
  for (const value of [1, 2, 3]) queue.putNowait(bytes(value))
  expect([queue.size, queue.isEmpty, queue.isFull]).toEqual([3, false, true])
  expect(() => queue.putNowait(bytes(4))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
  expect([queue.getNowait(), queue.getNowait(), queue.getNowait()]).toEqual([bytes(1), bytes(2), bytes(3)])
  expect([queue.size, queue.isEmpty, queue.isFull]).toEqual([0, true, false])
  expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'QUEUE_EMPTY' }))
})

test.each([0, 1, 4096, 4097, 300_000, 1_000_000])('an item of %i bytes comes as it went', (length) => {
  const queue = makeQueue({ capacity: 2, maxItemBytes: 1_000_000 })
  const item = Uint8Array.from({ length }, (_, index) => index * 7)
  queue.putNowait(item)
  queue.putNowait(item)
  const first = queue.getNowait()
  const second = queue.getNowait()
  expect(Buffer.compare(first, item)).toBe(0)
  expect(first.byteLength).toBe(length)
  // Each is memory of its own.
  first.fill(0)
  expect(Buffer.compare(second, item)).toBe(0)
  expect(second.buffer).not.toBe(first.buffer)
})

test('capacity many of the largest items fit, whatever came before', () => {
  const queue = makeQueue({ capacity: 7, maxItemBytes: 5000 })
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 7; i++) queue.putNowait(new Uint8Array(i % 2 === 0 ? 5000 : (round * 331) % 5000))
    expect(queue.isFull).toBe(true)
    for (let i = 0; i < 1 + (round % 7); i++) queue.getNowait()
    queue.getBatchNowait(7)
  }
})

test('an item that is too large is refused and counted', () => {
  const queue = makeQueue({ capacity: 2, maxItemBytes: 100 })
  expect(() => queue.putNowait(new Uint8Array(101))).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }))
  expect(queue.metrics().refused).toBe(1)
  expect(queue.isEmpty).toBe(true)
})

test('batches go in and come out in order, small and large mixed', () => {
  const queue = makeQueue({ capacity: 200, maxItemBytes: 10_000 })
  const items = Array.from({ length: 150 }, (_, i) => new Uint8Array(i % 3 === 0 ? 9000 : i).fill(i))
  expect(queue.putBatchNowait(items)).toBe(150)
  expect(queue.getBatchNowait(10)).toEqual(items.slice(0, 10))
  expect(queue.snapshot()).toEqual(items.slice(10))
  expect(queue.getBatchNowait(1000)).toEqual(items.slice(10))
  expect(queue.getBatchNowait(1)).toEqual([])
  expect(queue.putBatchNowait([])).toBe(0)
})

test('items of one batch share their memory, and none can be transferred away from under the others', () => {
  const queue = makeQueue({ capacity: 5, maxItemBytes: 10 })
  queue.putBatchNowait([bytes(1, 2), bytes(3)])
  const [first, second] = queue.getBatchNowait(2)
  try {
    structuredClone(first, { transfer: [first!.buffer as ArrayBuffer] })
  } catch {
    // Node 20 copies it, later ones refuse.
  }
  expect([first, second]).toEqual([bytes(1, 2), bytes(3)])
})

test('a batch goes in as far as there is room', () => {
  const queue = makeQueue({ capacity: 5, maxItemBytes: 10 })
  expect(queue.putBatchNowait(Array.from({ length: 8 }, (_, i) => bytes(i)))).toBe(5)
  expect(queue.putBatchNowait([bytes(9)])).toBe(0)
  expect(queue.getBatchNowait(9).map((item) => item[0])).toEqual([0, 1, 2, 3, 4])
})

test('a codec makes values of items, and another codec leaves them alone', async () => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 10, maxItemBytes: 100, codec: json }, name)
  queue.putNowait({ step: 1 })
  expect(queue.putBatchNowait([[2], 'three'])).toBe(2)
  expect(queue.snapshot()).toEqual([{ step: 1 }, [2], 'three'])
  const plain = await SharedQueue.open(name)
  onTestFinished(() => plain.close())
  const other = expect.objectContaining({ code: 'VERSION_MISMATCH', message: expect.stringContaining('"json"') })
  expect(() => plain.getNowait()).toThrow(other)
  expect(() => plain.getBatchNowait(2)).toThrow(other)
  expect(() => plain.snapshot()).toThrow(other)
  await expect(plain.get()).rejects.toEqual(other)
  expect(queue.getNowait()).toEqual({ step: 1 })
  plain.putNowait(bytes(1, 2))
  expect(queue.getBatchNowait(9)).toEqual([[2], 'three'])
  expect(() => queue.getNowait()).toThrow(expect.objectContaining({ code: 'VERSION_MISMATCH' }))
  expect(plain.getNowait()).toEqual(bytes(1, 2))
})

test('metrics count over the life of the queue', () => {
  const queue = makeQueue({ capacity: 4, maxItemBytes: 100, capacityBytes: 8192 })
  for (let i = 0; i < 3; i++) queue.putNowait(new Uint8Array(10))
  queue.getNowait()
  expect(queue.metrics()).toEqual({
    size: 2,
    bytes: 20,
    capacity: 4,
    capacityBytes: 8192,
    maxItemBytes: 100,
    utilization: 0.5,
    put: 3,
    putBytes: 30,
    taken: 1,
    refused: 0,
    burials: 0,
    users: [process.pid],
  })
})

test('a queue outlives those who use it, until it is unlinked', async () => {
  const name = uniqueName()
  const first = SharedQueue.create(name, { capacity: 3, maxItemBytes: 10 })
  onTestFinished(() => void SharedQueue.unlink(name))
  first.putNowait(bytes(7))
  expect(SharedQueue.unlink(name)).toBe(false)
  expect(() => SharedQueue.create(name, { capacity: 3, maxItemBytes: 10 })).toThrow(
    expect.objectContaining({ code: 'TOPIC_EXISTS' }),
  )
  first.close()
  first.close()
  clearSharedMemory()
  const second = await SharedQueue.open(name)
  expect(second.getNowait()).toEqual(bytes(7))
  second.unlink()
  second.unlink()
  await expect(SharedQueue.open(name)).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
  // Who has it open goes on.
  second.putNowait(bytes(8))
  expect(second.getNowait()).toEqual(bytes(8))
  second.close()
  expect(SharedQueue.unlink(name)).toBe(true)
})

test('the last to close unlinks it where that was asked for', () => {
  const name = uniqueName()
  const options: QueueCreateOptions = { capacity: 3, maxItemBytes: 10, unlinkWhenLast: true }
  const first = SharedQueue.openOrCreate(name, options)
  const second = SharedQueue.openOrCreate(name, { ...options, capacity: 99 })
  expect(second.capacity).toBe(3)
  first.close()
  expect(existsSync(queuePath(name, ''))).toBe(true)
  second[Symbol.dispose]()
  expect(existsSync(queuePath(name, ''))).toBe(false)
})

test('runs do not see each other', async () => {
  const name = uniqueName()
  const a = makeQueue({ capacity: 1, maxItemBytes: 1, runId: 'a' }, name)
  const b = makeQueue({ capacity: 1, maxItemBytes: 1, runId: 'b' }, name)
  a.putNowait(bytes(1))
  expect(b.isEmpty).toBe(true)
  await expect(SharedQueue.open(name)).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
})

test('open waits for a queue to be made', async () => {
  const name = uniqueName()
  const opening = SharedQueue.open(name, { timeoutS: 20 })
  const queue = makeQueue({ capacity: 1, maxItemBytes: 1 }, name)
  const opened = await opening
  queue.putNowait(bytes(5))
  expect(opened.getNowait()).toEqual(bytes(5))
  await opened[Symbol.asyncDispose]()
  expect(opened.closed).toBe(true)
})

test('after close everything says CLOSED', async () => {
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 })
  queue.close()
  const closed = expect.objectContaining({ code: 'CLOSED' })
  for (const call of [
    () => queue.putNowait(bytes(1)),
    () => queue.getNowait(),
    () => queue.putSync(bytes(1)),
    () => queue.getSync(),
    () => queue.putBatchNowait([bytes(1)]),
    () => queue.getBatchNowait(1),
    () => queue.snapshot(),
    () => queue.metrics(),
    () => queue.size,
  ]) {
    expect(call).toThrow(closed)
  }
  await expect(queue.put(bytes(1))).rejects.toEqual(closed)
  await expect(queue.get()).rejects.toEqual(closed)
})

test.each([
  [{ capacity: 0, maxItemBytes: 1 }, 'capacity'],
  [{ capacity: 1.5, maxItemBytes: 1 }, 'capacity'],
  [{ capacity: 1, maxItemBytes: 0 }, 'maxItemBytes'],
  [{ capacity: 1, maxItemBytes: 100, capacityBytes: 99 }, 'capacityBytes'],
  [{ capacity: 1, maxItemBytes: 1, participants: 257 }, 'participants'],
  [{ capacity: 1, maxItemBytes: 1, runId: 'x'.repeat(256) }, 'runId'],
  [{ capacity: 1, maxItemBytes: 1, codec: { id: '' } }, 'codec'],
])('%o is refused', (options, word) => {
  expect(() => SharedQueue.create(uniqueName(), options as QueueCreateOptions)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(word) }),
  )
})

test('names, times and items are checked', async () => {
  const wrong = expect.objectContaining({ code: 'INVALID_ARGUMENT' })
  expect(() => SharedQueue.create('', { capacity: 1, maxItemBytes: 1 })).toThrow(wrong)
  await expect(SharedQueue.open('x', { timeoutS: -1 })).rejects.toEqual(wrong)
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 })
  await expect(queue.get({ timeoutS: Number.NaN })).rejects.toEqual(wrong)
  expect(() => queue.getSync({ timeoutS: -1 })).toThrow(wrong)
  expect(() => queue.putNowait('text' as unknown as Uint8Array)).toThrow(wrong)
  await expect(queue.getBatch(0)).rejects.toEqual(wrong)
})

test('a batch with an item that is too large stays outside as a whole', async () => {
  const queue = makeQueue({ capacity: 10, maxItemBytes: 100 })
  const batch = [bytes(1), new Uint8Array(101)]
  expect(() => queue.putBatchNowait(batch)).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }))
  await expect(queue.putBatch(batch)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
  expect(queue.metrics()).toMatchObject({ size: 0, refused: 2 })
})

test('batches of more than the addon takes at once arrive whole', () => {
  const queue = makeQueue({ capacity: 2000, maxItemBytes: 10_000 })
  const items = Array.from({ length: 1500 }, (_, i) => new Uint8Array(i % 100 === 7 ? 9999 : (i * 37) % 4097).fill(i))
  expect(queue.putBatchNowait(items)).toBe(1500)
  const got = queue.getBatchNowait(2000)
  expect(got.length).toBe(1500)
  expect(got.every((item, i) => Buffer.compare(item, items[i]!) === 0)).toBe(true)
})

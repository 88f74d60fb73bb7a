import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { SharedQueue } from '../../src/index.ts'
import { makeQueue, uniqueName } from './support/queues.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const withCode = (code: string) => expect.objectContaining({ code })

test('get waits for an item, put for room', async () => {
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 })
  const getting = queue.get()
  await queue.put(bytes(1))
  expect(await getting).toEqual(bytes(1))
  await queue.put(bytes(2))
  const putting = queue.put(bytes(3))
  expect(await queue.get()).toEqual(bytes(2))
  await putting
  expect(queue.getNowait()).toEqual(bytes(3))
})

test('another attachment of this process wakes too', async () => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 }, name)
  const other = await SharedQueue.open(name)
  onTestFinished(() => other.close())
  const getting = queue.get()
  other.putNowait(bytes(1))
  expect(await getting).toEqual(bytes(1))
  other.putNowait(bytes(2))
  const putting = queue.put(bytes(3))
  expect(other.getSync()).toEqual(bytes(2))
  await putting
})

test('first come, first served', async () => {
  const queue = makeQueue({ capacity: 2, maxItemBytes: 10 })
  const gets = [queue.get(), queue.get(), queue.get()]
  for (const value of [1, 2, 3]) await queue.put(bytes(value))
  expect(await Promise.all(gets)).toEqual([bytes(1), bytes(2), bytes(3)])
  const puts = [1, 2, 3, 4, 5].map((value) => queue.put(bytes(value)))
  const got: number[] = []
  for (let i = 0; i < 5; i++) got.push((await queue.get())[0]!)
  await Promise.all(puts)
  expect(got).toEqual([1, 2, 3, 4, 5])
})

test('waits end in time', async () => {
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 })
  await expect(queue.get({ timeoutS: 0 })).rejects.toEqual(withCode('TIMEOUT'))
  await expect(queue.getBatch(2, { timeoutS: 0.01 })).rejects.toEqual(withCode('TIMEOUT'))
  expect(() => queue.getSync({ timeoutS: 0.01 })).toThrow(withCode('TIMEOUT'))
  queue.putNowait(bytes(1))
  await expect(queue.put(bytes(2), { timeoutS: 0.01 })).rejects.toEqual(withCode('TIMEOUT'))
  expect(() => queue.putSync(bytes(2), { timeoutS: 0.01 })).toThrow(withCode('TIMEOUT'))
  expect(await queue.putBatch([bytes(3)], { timeoutS: 0.01 })).toBe(0)
  expect(queue.getNowait()).toEqual(bytes(1))
  expect(queue.isEmpty).toBe(true)
})

test('a signal ends a wait, with its reason, and takes nothing', async () => {
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 })
  const abort = new AbortController()
  const reason = new Error('enough')
  const getting = queue.get({ signal: abort.signal })
  const next = queue.get()
  abort.abort(reason)
  await expect(getting).rejects.toBe(reason)
  await expect(queue.get({ signal: abort.signal })).rejects.toBe(reason)
  queue.putNowait(bytes(1))
  expect(await next).toEqual(bytes(1))
  queue.putNowait(bytes(2))
  const stop = new AbortController()
  const putting = queue.put(bytes(3), { signal: stop.signal })
  stop.abort(reason)
  await expect(putting).rejects.toBe(reason)
  expect(queue.getBatchNowait(9)).toEqual([bytes(2)])
})

test('a batch waits for room until all of it is in', async () => {
  const queue = makeQueue({ capacity: 3, maxItemBytes: 10 })
  const putting = queue.putBatch(Array.from({ length: 10 }, (_, i) => bytes(i)))
  const got: number[] = []
  while (got.length < 10) got.push(...(await queue.getBatch(2)).map((item) => item[0]!))
  expect(await putting).toBe(10)
  expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(
    await queue.putBatch(
      Array.from({ length: 5 }, (_, i) => bytes(i)),
      { timeoutS: 0.01 },
    ),
  ).toBe(3)
})

test('close ends waits, the queue goes on for others', async () => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 }, name)
  const other = await SharedQueue.open(name)
  const getting = expect(other.get()).rejects.toEqual(withCode('CLOSED'))
  other.close()
  await getting
  await queue.put(bytes(1))
  expect(queue.size).toBe(1)
})

test('end lets takers finish, and stops putters', async () => {
  const name = uniqueName()
  const queue = makeQueue({ capacity: 2, maxItemBytes: 10 }, name)
  const other = await SharedQueue.open(name)
  onTestFinished(() => other.close())
  await queue.put(bytes(1))
  await queue.put(bytes(2))
  const putting = expect(other.put(bytes(3))).rejects.toEqual(withCode('CLOSED'))
  queue.end()
  await putting
  const got: number[] = []
  for await (const item of other) got.push(item[0]!)
  expect(got).toEqual([1, 2])
  expect(() => other.getNowait()).toThrow(withCode('CLOSED'))
  expect(() => other.putNowait(bytes(1))).toThrow(withCode('CLOSED'))
})

test('the iterator takes as they come, and stops at break', async () => {
  const queue = makeQueue({ capacity: 2, maxItemBytes: 10 })
  const producing = (async () => {
    for (let i = 0; i < 6; i++) await queue.put(bytes(i))
  })()
  const got: number[] = []
  for await (const item of queue) {
    got.push(item[0]!)
    if (got.length === 4) break
  }
  await producing
  expect(got).toEqual([0, 1, 2, 3])
  expect(queue.size).toBe(2)
})

test('who waits idly costs next to nothing', async () => {
  const queue = makeQueue({ capacity: 1, maxItemBytes: 10 })
  const abort = new AbortController()
  const getting = queue.get({ signal: abort.signal }).catch(() => {})
  await pause(50)
  const before = process.cpuUsage()
  await pause(2000)
  const { user, system } = process.cpuUsage(before)
  abort.abort()
  await getting
  // The whole test process; alone it is a tenth of that, see the bench.
  expect((user + system) / 2e6).toBeLessThan(0.02)
})

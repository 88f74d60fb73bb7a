import { StartTime, steadyClockUs } from '@rmq/core'
import { expect, test } from 'vitest'
import { loadAddon } from '../src/native/addon.ts'
import { Status } from '../src/status.ts'
import { eventually } from './support/eventually.ts'
import {
  attachTopic,
  bytes,
  createTopic,
  filledTopic,
  freshAddress,
  MIB,
  valuesOf,
  withCode,
} from './support/topics.ts'

test('the statuses that the store tells apart are the ring’s', () => {
  const { statusNames } = loadAddon()
  for (const [name, number] of Object.entries(Status)) expect(statusNames[number]).toBe(name)
})

test('what one puts, all who are attached read alike', () => {
  const { store, guest } = filledTopic(5)
  for (const each of [store, guest]) {
    expect(valuesOf(each.read(0))).toEqual([1, 2, 3, 4, 5])
    expect(valuesOf(each.read(2))).toEqual([1, 2])
    expect(valuesOf(each.read(-2))).toEqual([4, 5])
    expect(valuesOf(each.read(99))).toEqual([1, 2, 3, 4, 5])
    expect(valuesOf(each.read(-99))).toEqual([1, 2, 3, 4, 5])
    expect(each.read(0).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
    expect(each.count).toBe(5)
  }
  expect(guest.append(bytes(6), { timestampS: 0 })).toBe(6)
  expect(valuesOf(store.read(-1))).toEqual([6])
})

test('what one takes is gone for all, from either end', () => {
  const { store, guest } = filledTopic(5)
  expect(valuesOf(guest.take(2))).toEqual([1, 2])
  expect(valuesOf(store.take(-1))).toEqual([5])
  expect(valuesOf(guest.read(0))).toEqual([3, 4])
  expect(valuesOf(store.take(0))).toEqual([3, 4])
  expect(guest.take(0)).toEqual([])
  expect(guest.status()).toMatchObject({ count: 0, popped: 5, published: 5 })
})

test('a put copies, and what is read is the reader’s own', () => {
  const { store, guest } = filledTopic(0)
  const data = bytes(1)
  store.append(data, { timestampS: 0 })
  data.fill(9)
  const [record] = guest.read(1)
  record!.data.fill(7)
  expect(valuesOf(guest.read(1))).toEqual([1])
})

test('the description is the same for all', () => {
  const { store, guest } = filledTopic(0, { capacityBytes: MIB, maxRecords: 77, messageRemainingTimeS: Infinity })
  expect(guest.description).toEqual(store.description)
  expect(guest.description).toEqual({
    name: 'camera',
    kind: 'shared memory',
    epoch: 'first',
    retention: { messageRemainingTimeS: Infinity, keepLast: 0, maxRecords: 77, maxBytes: MIB },
    place: {
      path: expect.stringMatching(/^\/dev\/shm\/rmq\.[0-9a-f]{32}$/),
      bootId: expect.stringMatching(/^[0-9a-f-]{32,36}$/),
      timeNamespace: expect.stringMatching(/^\d+$/),
      user: process.geteuid!(),
    },
  })
})

test('timestamps are seconds on the server’s clock, in every attachment', () => {
  const clock = new StartTime(steadyClockUs() - 1_234_000_000)
  const store = createTopic({}, freshAddress(), clock)
  const guest = attachTopic(store.address)
  const beforeS = clock.nowS()
  store.append(bytes(1), { timestampS: 0 })
  const afterS = clock.nowS()
  const [record] = guest.read(1)
  expect(record!.timestampS).toBeGreaterThanOrEqual(beforeS)
  expect(record!.timestampS).toBeLessThanOrEqual(afterS + 1e-6)
  expect(record!.timestampS).toBe(store.read(1)[0]!.timestampS)
  expect(guest.clock.nowS()).toBeGreaterThanOrEqual(afterS)
  expect(guest.clock.nowS()).toBeLessThan(afterS + 5)
})

test('no record is newer than the clock of who reads it', () => {
  const { store, guest } = filledTopic(0)
  for (let count = 0; count < 5000; count++) {
    store.append(bytes(1), { timestampS: 0 })
    const { timestampS } = guest.read(-1)[0]!
    expect(guest.clock.nowS() - timestampS).toBeGreaterThanOrEqual(0)
    expect(guest.status().newestAgeS).toBeGreaterThanOrEqual(0)
  }
})

test('capture times come back as they were told, or not at all', () => {
  const { store, guest } = filledTopic(0)
  for (const captureTimeS of [0, 12.5, 0.000001, 8_000_000.123457]) {
    store.append(bytes(1), { timestampS: 0, captureTimeS })
    expect(guest.read(-1)[0]!.captureTimeS).toBe(captureTimeS)
    expect(guest.lease()!.captureTimeS).toBe(captureTimeS)
  }
  store.append(bytes(1), { timestampS: 0 })
  expect('captureTimeS' in guest.read(-1)[0]!).toBe(false)
  expect(() => store.append(bytes(1), { timestampS: 0, captureTimeS: -1 })).toThrow(withCode('INVALID_ARGUMENT'))
  expect(store.status().published).toBe(5)
})

test('records expire without anybody’s doing', async () => {
  const { store, guest } = filledTopic(3, { messageRemainingTimeS: 0.05 })
  expect(store.count).toBe(3)
  await eventually(() => guest.read(0).length === 0, 'no record left')
  expect(guest.count).toBe(0)
  expect(guest.status()).toMatchObject({ count: 0, bytes: 0, published: 3 })
  expect(guest.readInto(-1, new Uint8Array(8))).toBeUndefined()
  expect(guest.lease()).toBeUndefined()
  expect(guest.refer!(0, false)).toEqual([])
  store.append(bytes(4), { timestampS: 0 })
  expect(valuesOf(guest.read(0))).toEqual([4])
})

test('the oldest leave when there are too many records', () => {
  const { guest } = filledTopic(10, { maxRecords: 4 })
  expect(valuesOf(guest.read(0))).toEqual([7, 8, 9, 10])
  expect(guest.status()).toMatchObject({ count: 4, evicted: 6, published: 10 })
})

test('the oldest leave when there are too many bytes', () => {
  const { guest } = filledTopic(40, { capacityBytes: MIB }, 100_000)
  const left = valuesOf(guest.read(0))
  expect(left.at(-1)).toBe(40)
  expect(left).toEqual(Array.from(left, (_, index) => 40 - left.length + 1 + index))
  expect(left.length).toBeGreaterThanOrEqual(9)
  const { count, bytes: held, evicted } = guest.status()
  expect(count + evicted).toBe(40)
  expect(held).toBe(count * 100_000)
})

test('a record larger than the memory is refused and counted', () => {
  const { store } = filledTopic(1)
  expect(() => store.append(bytes(1, MIB + 1), { timestampS: 0 })).toThrow(
    withCode('MESSAGE_TOO_LARGE', 'capacityBytes'),
  )
  expect(() => store.loan(MIB + 1)).toThrow(withCode('MESSAGE_TOO_LARGE'))
  expect(store.append(bytes(1, MIB), { timestampS: 0 })).toBe(2)
  store.reject(3)
  expect(store.status().rejected).toBe(5)
})

test('readInto fills the caller’s memory', () => {
  const { store, guest } = filledTopic(3)
  const into = bytes(255, 20)
  const record = guest.readInto(-1, into)!
  expect(record).toMatchObject({ sequence: 3, data: bytes(3) })
  expect(record.data.buffer).toBe(into.buffer)
  expect(into[8]).toBe(255)
  expect(guest.readInto(1, into)).toMatchObject({ sequence: 1 })
  expect(() => guest.readInto(-1, new Uint8Array(7))).toThrow(withCode('INVALID_ARGUMENT', '8'))
  store.take(0)
  expect(guest.readInto(-1, into)).toBeUndefined()
})

test('status counts what all did', () => {
  const { store, guest } = filledTopic(4)
  guest.take(1)
  const status = guest.status()
  expect(status).toMatchObject({
    topic: 'camera',
    kind: 'shared memory',
    epoch: 'first',
    count: 3,
    bytes: 24,
    published: 4,
    publishedBytes: 32,
    expired: 0,
    evicted: 0,
    popped: 1,
    rejected: 0,
  })
  expect(status.newestAgeS).toBeGreaterThanOrEqual(0)
  expect(status.newestAgeS).toBeLessThan(10)
  expect(createTopic().status()).not.toHaveProperty('newestAgeS')
  store.take(0)
  expect(guest.status().newestAgeS).toBeGreaterThan(0)
})

test('the rate is that of the last two seconds, whoever put', async () => {
  const { store, guest } = filledTopic(0)
  expect(guest.status().rateHz).toBe(0)
  const timer = setInterval(() => store.append(bytes(1), { timestampS: 0 }), 5)
  try {
    await eventually(() => guest.status().rateHz > 50 && store.status().rateHz > 50, 'a rate above 50 Hz')
    expect(guest.status().rateHz).toBeLessThan(220)
  } finally {
    clearInterval(timer)
  }
  await eventually(() => guest.status().rateHz === 0, 'a rate of 0')
})

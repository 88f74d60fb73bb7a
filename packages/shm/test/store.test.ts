import { RmqError, StartTime, steadyClockUs } from '@rmq/core'
import { expect, test } from 'vitest'
import { loadAddon } from '../src/native/addon.ts'
import { Status } from '../src/status.ts'
import { eventually } from './support/eventually.ts'
import { attachTopic, bytes, createTopic, freshAddress, MIB } from './support/topics.ts'

const withCode = (code: string, text = '') => expect.objectContaining({ code, message: expect.stringContaining(text) })
const values = (records: readonly { readonly data: Uint8Array }[]) => records.map(({ data }) => data[0])

/** A topic with the records 1, 2 … count, each `byteLength` bytes of its number. */
function filled(count: number, options = {}, byteLength = 8) {
  const store = createTopic(options)
  for (let value = 1; value <= count; value++) store.append(bytes(value, byteLength), { timestampS: 0 })
  return { store, guest: attachTopic(store.address) }
}

test('the statuses that the store tells apart are the ring’s', () => {
  const { statusNames } = loadAddon()
  for (const [name, number] of Object.entries(Status)) expect(statusNames[number]).toBe(name)
})

test('what one puts, all who are attached read alike', () => {
  const { store, guest } = filled(5)
  for (const each of [store, guest]) {
    expect(values(each.read(0))).toEqual([1, 2, 3, 4, 5])
    expect(values(each.read(2))).toEqual([1, 2])
    expect(values(each.read(-2))).toEqual([4, 5])
    expect(values(each.read(99))).toEqual([1, 2, 3, 4, 5])
    expect(values(each.read(-99))).toEqual([1, 2, 3, 4, 5])
    expect(each.read(0).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5])
    expect(each.count).toBe(5)
  }
  expect(guest.append(bytes(6), { timestampS: 0 })).toBe(6)
  expect(values(store.read(-1))).toEqual([6])
})

test('what one takes is gone for all, from either end', () => {
  const { store, guest } = filled(5)
  expect(values(guest.take(2))).toEqual([1, 2])
  expect(values(store.take(-1))).toEqual([5])
  expect(values(guest.read(0))).toEqual([3, 4])
  expect(values(store.take(0))).toEqual([3, 4])
  expect(guest.take(0)).toEqual([])
  expect(guest.status()).toMatchObject({ count: 0, popped: 5, published: 5 })
})

test('a put copies, and what is read is the reader’s own', () => {
  const { store, guest } = filled(0)
  const data = bytes(1)
  store.append(data, { timestampS: 0 })
  data.fill(9)
  const [record] = guest.read(1)
  record!.data.fill(7)
  expect(values(guest.read(1))).toEqual([1])
})

test('the description is the same for all', () => {
  const { store, guest } = filled(0, { capacityBytes: MIB, maxRecords: 77, messageRemainingTimeS: Infinity })
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

test('capture times come back as they were told, or not at all', () => {
  const { store, guest } = filled(0)
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
  const { store, guest } = filled(3, { messageRemainingTimeS: 0.05 })
  expect(store.count).toBe(3)
  await eventually(() => guest.read(0).length === 0, 'no record left')
  expect(guest.count).toBe(0)
  expect(guest.status()).toMatchObject({ count: 0, bytes: 0, published: 3 })
  expect(guest.readInto(-1, new Uint8Array(8))).toBeUndefined()
  expect(guest.lease()).toBeUndefined()
  expect(guest.refer!(0, false)).toEqual([])
  store.append(bytes(4), { timestampS: 0 })
  expect(values(guest.read(0))).toEqual([4])
})

test('the oldest leave when there are too many records', () => {
  const { guest } = filled(10, { maxRecords: 4 })
  expect(values(guest.read(0))).toEqual([7, 8, 9, 10])
  expect(guest.status()).toMatchObject({ count: 4, evicted: 6, published: 10 })
})

test('the oldest leave when there are too many bytes', () => {
  const { guest } = filled(40, { capacityBytes: MIB }, 100_000)
  const left = values(guest.read(0))
  expect(left.at(-1)).toBe(40)
  expect(left).toEqual(Array.from(left, (_, index) => 40 - left.length + 1 + index))
  expect(left.length).toBeGreaterThanOrEqual(9)
  const { count, bytes: held, evicted } = guest.status()
  expect(count + evicted).toBe(40)
  expect(held).toBe(count * 100_000)
})

test('a record larger than the memory is refused and counted', () => {
  const { store } = filled(1)
  expect(() => store.append(bytes(1, MIB + 1), { timestampS: 0 })).toThrow(
    withCode('MESSAGE_TOO_LARGE', 'capacityBytes'),
  )
  expect(() => store.loan(MIB + 1)).toThrow(withCode('MESSAGE_TOO_LARGE'))
  expect(store.append(bytes(1, MIB), { timestampS: 0 })).toBe(2)
  store.reject(3)
  expect(store.status().rejected).toBe(5)
})

test('readInto fills the caller’s memory', () => {
  const { store, guest } = filled(3)
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

test('a lease shows the newest record in place until it is released', () => {
  const { store, guest } = filled(2)
  const lease = guest.lease()!
  expect(lease).toMatchObject({ sequence: 2, timestampS: store.read(-1)[0]!.timestampS })
  expect(lease.data).toEqual(bytes(2))
  const { data } = lease
  for (let value = 0; value < 3000; value++) store.append(bytes(9, 10_000), { timestampS: 0 })
  expect(data).toEqual(bytes(2))
  lease.release()
  lease.release()
  expect(lease.data.byteLength).toBe(0)
  expect(data.byteLength).toBe(0)
})

test('a lease is released by `using`', () => {
  const { guest } = filled(1)
  for (let round = 0; round < 100; round++) {
    using lease = guest.lease() as ReturnType<typeof guest.lease> & Disposable
    expect(lease.data).toEqual(bytes(1))
  }
})

test('sixteen leases are the limit of an attachment, and others have their own', () => {
  const { store, guest } = filled(1)
  const leases = Array.from({ length: 16 }, () => guest.lease()!)
  expect(() => guest.lease()).toThrow(withCode('LEASE_LIMIT', String(process.pid)))
  expect(store.lease()!.data).toEqual(bytes(1))
  leases[3]!.release()
  expect(guest.lease()!.data).toEqual(bytes(1))
})

test('a put that finds no gap between leases says who holds them', () => {
  const { store, guest } = filled(8, {}, 130_000)
  const middle = guest.follow('oldest')
  for (let value = 1; value < 4; value++) middle.next()
  middle.nextInPlace()
  expect(() => store.append(bytes(1, 1_000_000), { timestampS: 0 })).toThrow(withCode('NO_SPACE', String(process.pid)))
})

test('a loan is written in place and seen after its commit', () => {
  const { store, guest } = filled(0)
  const loan = store.loan(100)
  expect(loan.bytes.byteLength).toBe(100)
  loan.bytes.fill(5)
  expect(guest.count).toBe(0)
  expect(loan.commit(60, { captureTimeS: 3 })).toBe(1)
  expect(loan.bytes.byteLength).toBe(0)
  expect(guest.read(1)[0]).toMatchObject({ sequence: 1, captureTimeS: 3, data: bytes(5, 60) })
  expect(() => loan.commit(60, {})).toThrow(withCode('CLOSED'))
  loan.discard()
  expect(guest.count).toBe(1)
})

test('a loan that is discarded leaves nothing; four at once are too many; sizes are checked', () => {
  const { store } = filled(0)
  const loans = Array.from({ length: 3 }, () => store.loan(10))
  expect(() => store.loan(10)).toThrow(withCode('LEASE_LIMIT', 'loans'))
  for (const length of [0, 11, 1.5, Number.NaN, -1, '5']) {
    expect(() => loans[0]!.commit(length as number, {})).toThrow(withCode('INVALID_ARGUMENT', 'byteLength'))
    if (length !== 11 && length !== '5')
      expect(() => store.loan(length as number)).toThrow(withCode('INVALID_ARGUMENT'))
  }
  expect(() => loans[0]!.commit(5, { captureTimeS: -5 })).toThrow(withCode('INVALID_ARGUMENT'))
  for (const loan of loans) loan.discard()
  loans[0]!.discard()
  expect(() => loans[0]!.commit(5, {})).toThrow(withCode('CLOSED'))
  expect(store.status()).toMatchObject({ published: 0, count: 0 })
  expect(store.loan(10).commit(10, {})).toBe(1)
})

test('status counts what all did', () => {
  const { store, guest } = filled(4)
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
  const { store, guest } = filled(0)
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

test('refer gives references into the file, and each record’s bytes when leases run out', async () => {
  const { readFileSync } = await import('node:fs')
  const { store, guest } = filled(20)
  const records = guest.refer!(0, false)
  expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  const file = readFileSync(store.description.place!.path)
  for (const [index, { reference, data }] of records.entries()) {
    expect(reference === undefined).toBe(index >= 16)
    if (reference === undefined) {
      expect(data).toEqual(bytes(index + 1))
      continue
    }
    expect(data.byteLength).toBe(0)
    expect(`/dev/shm/${reference.name}`).toBe(store.description.place!.path)
    expect(reference.totalBytes).toBe(file.byteLength)
    expect(new Uint8Array(file.subarray(reference.start, reference.start + reference.byteLength))).toEqual(
      bytes(index + 1),
    )
    reference.release()
    reference.release()
  }
  expect(guest.refer!(-1, false)[0]!.reference).toBeDefined()
})

test('refer takes, with the bytes in place until released', async () => {
  const { readFileSync } = await import('node:fs')
  const { store, guest } = filled(20)
  const records = guest.refer!(0, true)
  expect(records.length).toBe(20)
  expect(store.read(0)).toEqual([])
  expect(store.status().popped).toBe(20)
  for (let round = 0; round < 300; round++) store.append(bytes(99, 10_000), { timestampS: 0 })
  const file = readFileSync(store.description.place!.path)
  for (const { reference, sequence } of records.slice(0, 16)) {
    expect(file[reference!.start]).toBe(sequence)
    reference!.release()
  }
  expect(guest.refer!(-2, true).length).toBe(2)
})

test('without byReference, refer is a plain reading', () => {
  const { guest } = filled(3, { byReference: false })
  expect(values(guest.refer!(-2, false))).toEqual([2, 3])
  expect(guest.refer!(0, true).every(({ reference }) => reference === undefined)).toBe(true)
  expect(guest.count).toBe(0)
})

test('onAppend tells of puts by anyone, survives a reset, and stops', async () => {
  const { store, guest } = filled(0)
  let calls = 0
  const stop = guest.onAppend(() => {
    calls += 1
  })
  store.append(bytes(1), { timestampS: 0 })
  await eventually(() => calls === 1, 'a first call')
  guest.append(bytes(2), { timestampS: 0 })
  await eventually(() => calls === 2, 'a second call')
  store.reset('second')
  guest.reset('second')
  store.append(bytes(3), { timestampS: 0 })
  await eventually(() => calls === 3, 'a call in the next epoch')
  stop()
  const other = guest.follow('new').wait({ spinUs: 0 })
  store.append(bytes(4), { timestampS: 0 })
  await other
  expect(calls).toBe(3)
})

test('a reset begins anew: no records, sequence 1, another clock, and who was attached sees the end', () => {
  const clock = new StartTime()
  const store = createTopic({}, freshAddress(), clock)
  const [guest, stranger] = [attachTopic(store.address), attachTopic(store.address)]
  store.append(bytes(1), { timestampS: 0 })
  clock.reset(0)
  store.reset('second')
  expect(store.ended).toBe(false)
  expect(guest.ended).toBe(true)
  expect(values(guest.read(0))).toEqual([1])
  expect(() => guest.append(bytes(2), { timestampS: 0 })).toThrow(withCode('CLOSED', 'epoch'))
  expect(() => guest.loan(5)).toThrow(withCode('CLOSED'))
  expect(store.read(0)).toEqual([])

  guest.reset('second')
  expect(guest.ended).toBe(false)
  expect(guest.description).toEqual(store.description)
  expect(guest.description.epoch).toBe('second')
  expect(guest.append(bytes(7), { timestampS: 0 })).toBe(1)
  expect(store.read(1)[0]!.timestampS).toBeCloseTo(Date.now() / 1000, 0)
  expect(store.clock.nowS()).toBeCloseTo(Date.now() / 1000, 0)
  expect(stranger.description.epoch).toBe('first')
})

test('the end of the topic is seen by all, who may read on', () => {
  const { store, guest } = filled(2)
  store.close()
  store.close()
  expect(store.ended).toBe(true)
  expect(guest.ended).toBe(true)
  expect(values(guest.take(1))).toEqual([1])
  expect(values([guest.lease()!])).toEqual([2])
  expect(() => guest.append(bytes(1), { timestampS: 0 })).toThrow(withCode('CLOSED'))
  expect(() => attachTopic(store.address)).toThrow('no such topic')
  guest.close()
  guest.close()
})

test('a closed store refuses everything, typed', () => {
  const { guest } = filled(2)
  const lease = guest.lease()!
  const unseen = guest.lease()!
  const loan = guest.loan(10)
  const follower = guest.follow('oldest')
  const { data } = lease
  guest.close()
  const uses: readonly (() => unknown)[] = [
    () => guest.append(bytes(1), { timestampS: 0 }),
    () => guest.read(0),
    () => guest.take(0),
    () => guest.refer!(0, false),
    () => guest.readInto(-1, new Uint8Array(8)),
    () => guest.lease(),
    () => guest.loan(1),
    () => guest.follow('new'),
    () => guest.status(),
    () => guest.count,
    () => guest.onAppend(() => {}),
    () => guest.reset('x'),
    () => loan.commit(1, {}),
    () => follower.next(),
    () => follower.nextInPlace(),
  ]
  for (const use of uses) expect(use, String(use)).toThrow(withCode('CLOSED'))
  guest.reject(1)
  expect(data.byteLength).toBe(0)
  expect(unseen.data.byteLength).toBe(0)
  lease.release()
  unseen.release()
  loan.discard()
  follower.close()
  expect(guest.description.epoch).toBe('first')
})

test('two topics of one name in one server are refused', () => {
  const store = createTopic()
  expect(() => createTopic({}, store.address)).toThrow(withCode('TOPIC_EXISTS'))
  store.append(bytes(1), { timestampS: 0 })
  expect(attachTopic(store.address).count).toBe(1)
})

test('more participants than places are told so', () => {
  const store = createTopic({ participants: 2 })
  attachTopic(store.address)
  expect(() => attachTopic(store.address)).toThrow(withCode('NO_SPACE', 'participants'))
})

test('more memory than there is says how much is missing', () => {
  expect(() => createTopic({ sharedMemorySizeGb: 128 })).toThrow(withCode('NO_SPACE', '--shm-size'))
})

test('an error is one of ours', () => {
  const { guest } = filled(0)
  guest.close()
  try {
    guest.read(0)
    expect.unreachable()
  } catch (thrown) {
    expect(RmqError.isInstance(thrown)).toBe(true)
  }
})

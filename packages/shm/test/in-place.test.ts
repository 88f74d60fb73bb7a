import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bytes, filledTopic, valuesOf, withCode } from './support/topics.ts'

test('a lease shows the newest record in place until it is released', () => {
  const { store, guest } = filledTopic(2)
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
  const { guest } = filledTopic(1)
  for (let round = 0; round < 100; round++) {
    using lease = guest.lease() as ReturnType<typeof guest.lease> & Disposable
    expect(lease.data).toEqual(bytes(1))
  }
})

test('sixteen leases are the limit of an attachment, and others have their own', () => {
  const { store, guest } = filledTopic(1)
  const leases = Array.from({ length: 16 }, () => guest.lease()!)
  expect(() => guest.lease()).toThrow(withCode('LEASE_LIMIT', String(process.pid)))
  expect(store.lease()!.data).toEqual(bytes(1))
  leases[3]!.release()
  expect(guest.lease()!.data).toEqual(bytes(1))
})

test('a put that finds no gap between leases says who holds them', () => {
  const { store, guest } = filledTopic(8, {}, 130_000)
  const middle = guest.follow('oldest')
  for (let value = 1; value < 4; value++) middle.next()
  middle.nextInPlace()
  expect(() => store.append(bytes(1, 1_000_000), { timestampS: 0 })).toThrow(withCode('NO_SPACE', String(process.pid)))
})

test('a loan is written in place and seen after its commit', () => {
  const { store, guest } = filledTopic(0)
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
  const { store } = filledTopic(0)
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

test('refer gives references into the file, and each record’s bytes when leases run out', async () => {
  const { store, guest } = filledTopic(20)
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
  const { store, guest } = filledTopic(20)
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
  const { guest } = filledTopic(3, { byReference: false })
  expect(valuesOf(guest.refer!(-2, false))).toEqual([2, 3])
  expect(guest.refer!(0, true).every(({ reference }) => reference === undefined)).toBe(true)
  expect(guest.count).toBe(0)
})

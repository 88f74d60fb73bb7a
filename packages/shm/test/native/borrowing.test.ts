import { expect, test } from 'vitest'
import { INFO, STATE } from '../../src/native/addon-types.ts'
import { addon, attach, create, lease, put, S, text } from './support/native.ts'

test('a lease shows the record in place until it is given back', () => {
  const { path, segment } = create()
  const writer = attach(path)
  put(writer, 'first')
  const { slot, bytes } = lease(segment)
  expect(text(bytes)).toBe('first')
  expect(segment.info[INFO.START]! + 5).toBeLessThan(segment.totalBytes)
  for (let i = 0; i < 40; i++) put(writer, new Uint8Array(100_000).fill(i))
  expect(text(bytes)).toBe('first')
  expect(segment.lease(1)).toBe(S['GONE'])
  const view = new Uint8Array(bytes)
  segment.unlease(slot)
  segment.unlease(slot)
  expect([bytes.byteLength, view.length]).toEqual([0, 0])
  expect(segment.participants().map(({ leases }) => leases)).toEqual([0, 0])
})

test('bytes of a slot are given out once', () => {
  const { segment } = create()
  put(segment, 'x')
  const { slot } = lease(segment)
  expect(() => segment.leaseBytes(slot)).toThrow(/given out already/)
  segment.unlease(slot)
  expect(() => segment.leaseBytes(slot)).toThrow(/nothing is leased/)
})

test('two leases of one record end one by one', () => {
  const { segment } = create()
  put(segment, 'twice')
  const a = lease(segment, 1)
  const b = lease(segment, 1)
  expect(a.slot).not.toBe(b.slot)
  segment.unlease(a.slot)
  expect([a.bytes.byteLength, text(b.bytes)]).toEqual([0, 'twice'])
  segment.unlease(b.slot)
})

test('an empty record can be leased', () => {
  const { segment } = create()
  put(segment, '')
  const { slot, bytes } = lease(segment)
  expect(bytes.byteLength).toBe(0)
  segment.unlease(slot)
})

test('sixteen at most, and no more bytes than the budget', () => {
  const { segment } = create()
  for (let i = 0; i < 17; i++) put(segment, `${i}`)
  const slots = Array.from({ length: 16 }, (_, i) => lease(segment, i + 1).slot)
  expect(new Set(slots).size).toBe(16)
  expect(segment.lease(17)).toBe(S['LEASE_LIMIT'])
  for (const slot of slots) segment.unlease(slot)
  expect(segment.lease(17)).toBe(S['OK'])
  const { segment: small } = create({ leaseBudgetBytes: 1000 })
  put(small, new Uint8Array(2000))
  expect(small.lease(0)).toBe(S['LEASE_LIMIT'])
})

test('a leased record can be taken out of the topic', () => {
  const { path, segment } = create()
  const other = attach(path)
  put(segment, 'mine')
  const a = lease(segment)
  const b = lease(other)
  expect(segment.takeLeased(a.slot)).toBe(S['OK'])
  expect(other.takeLeased(b.slot)).toBe(S['GONE'])
  expect(text(a.bytes)).toBe('mine')
  expect(segment.readOne(1, false)).toBe(S['GONE'])
  expect(segment.state()[STATE.POPPED]).toBe(1)
  segment.unlease(a.slot)
  expect(segment.takeLeased(a.slot)).toBe(S['STALE_HANDLE'])
})

test('closing takes every view and room back', () => {
  const { path, segment } = create()
  put(segment, 'x')
  const views = [lease(segment).bytes, lease(segment).bytes, segment.loan(100) as ArrayBuffer]
  segment.close()
  expect(views.map((view) => view.byteLength)).toEqual([0, 0, 0])
  const other = attach(path)
  expect(other.state()[STATE.ABORTED]).toBe(1)
  put(other, new Uint8Array(1 << 20))
})

test('a loan is written in place and seen from commit on', () => {
  const { path, segment } = create()
  const reader = attach(path)
  const room = segment.loan(1000) as ArrayBuffer
  const slot = segment.info[INFO.SLOT]!
  expect(room.byteLength).toBe(1000)
  new Uint8Array(room).fill(7)
  expect(reader.nextSequence()).toBe(1)
  expect(segment.commit(slot, 600, 42)).toBe(1)
  expect(room.byteLength).toBe(0)
  const bytes = reader.readOne(1, false) as ArrayBuffer
  expect(bytes.byteLength).toBe(600)
  expect(new Uint8Array(bytes).every((byte) => byte === 7)).toBe(true)
  expect(reader.info[INFO.CAPTURE_NS]).toBe(42)
  expect(segment.commit(slot, 600, 0)).toBe(-S['STALE_HANDLE']!)
})

test('three loans at once, none longer than the largest record', () => {
  const { segment } = create({ maxRecordBytes: 5000 })
  const loan = (bytes: number) => {
    const room = segment.loan(bytes)
    return typeof room === 'number' ? addon.statusNames[-room] : segment.info[INFO.SLOT]!
  }
  expect(loan(5001)).toBe('TOO_LARGE')
  const slots = [loan(5000), loan(0), loan(1)]
  expect(new Set(slots).size).toBe(3)
  expect(loan(1)).toBe('LOAN_LIMIT')
  expect(segment.commit(slots[2] as number, 2, 0)).toBe(-S['INVALID_ARGUMENT']!)
  expect(segment.discard(slots[1] as number)).toBe(0)
  expect(segment.discard(slots[1] as number)).toBe(-S['STALE_HANDLE']!)
  expect(loan(1)).toBe(slots[1])
  expect(segment.commit(slots[2] as number, 1, 0)).toBe(1)
})

test('what is lent and leased is never written over', () => {
  const { segment } = create({ capacityBytes: 1 << 16, leaseBudgetBytes: 1 << 16 })
  put(segment, new Uint8Array(40_000).fill(1))
  const { slot, bytes } = lease(segment)
  expect(segment.put(new Uint8Array(40_000), 0)).toBe(-S['PINNED']!)
  expect(segment.loan(40_000)).toBe(-S['PINNED']!)
  expect(segment.state()[STATE.REJECTED]).toBe(2)
  expect(new Uint8Array(bytes)[39_999]).toBe(1)
  segment.unlease(slot)
  expect(segment.put(new Uint8Array(40_000), 0)).toBe(2)
})

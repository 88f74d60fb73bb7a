import { existsSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { INFO, STATE } from '../../src/native/addon-types.ts'
import { addon, attach, attachOptions, create, put, S, text } from './support/native.ts'

test('two attachments share what is put', () => {
  const { path, segment } = create()
  const other = attach(path)
  expect(other.description).toBe('words of the creator')
  expect(other.capacityBytes).toBe(1 << 20)
  expect(other.maxRecordBytes).toBe(1 << 20)
  expect(statSync(path).size).toBe(other.totalBytes)
  expect(segment.put(Buffer.from('one'), 77)).toBe(1)
  expect(other.put(new Uint8Array(), 0)).toBe(2)
  expect(text(other.readOne(1, false))).toBe('one')
  expect([...other.info].slice(0, 4)).toEqual([1, other.info[INFO.TIME_NS], 77, 3])
  expect(other.info[INFO.START]! % 64).toBe(0)
  expect(text(segment.readOne(2, false))).toBe('')
})

test('reads the oldest, the newest, all, and takes', () => {
  const { segment } = create()
  for (const word of ['a', 'b', 'c', 'd']) put(segment, word)
  const read = (n: number, take = false) => {
    const records = segment.read(n, take)
    if (typeof records === 'number') throw new Error(`status ${records}`)
    expect(records.meta.length).toBe(records.buffers.length * 4)
    expect([...records.meta].filter((_, cell) => cell % 4 === 0)).toEqual(
      records.buffers.map((buffer) => text(buffer).charCodeAt(0) - 96),
    )
    return records.buffers.map(text).join('')
  }
  expect(read(0)).toBe('abcd')
  expect(read(2)).toBe('ab')
  expect(read(-3)).toBe('bcd')
  expect([...segment.sequences(-2)]).toEqual([3, 4])
  expect([...segment.sequences(0)]).toEqual([1, 2, 3, 4])
  expect([...segment.sequences(1e15)]).toEqual([1, 2, 3, 4])
  expect(read(-1, true)).toBe('d')
  expect(read(1, true)).toBe('a')
  expect(segment.readOne(2, true)).toBeInstanceOf(ArrayBuffer)
  expect(segment.readOne(2, true)).toBe(S['GONE'])
  expect(segment.readOne(9, false)).toBe(S['EMPTY'])
  expect(read(0)).toBe('c')
  expect(segment.oldestSequence()).toBe(3)
  expect(read(0, true)).toBe('c')
  expect(read(0)).toBe('')
})

test('copies belong to the caller: they stay, and can be given to a worker', () => {
  const { segment } = create()
  put(segment, new Uint8Array(100_000).fill(5))
  const copy = segment.readOne(1, false) as ArrayBuffer
  for (let i = 0; i < 50; i++) put(segment, new Uint8Array(100_000).fill(9))
  expect(new Uint8Array(copy).every((byte) => byte === 5)).toBe(true)
  expect(structuredClone(copy, { transfer: [copy] }).byteLength).toBe(100_000)
  expect(copy.byteLength).toBe(0)
})

test('reads into memory of the caller', () => {
  const { segment } = create()
  const target = new Uint8Array(8)
  expect(segment.readInto(-1, target)).toBe(S['EMPTY'])
  put(segment, 'old')
  put(segment, 'newest')
  expect(segment.readInto(-1, target)).toBe(S['OK'])
  expect(Buffer.from(target).toString()).toBe('newest\0\0')
  expect(segment.readInto(1, target.subarray(5))).toBe(S['OK'])
  expect(Buffer.from(target).toString()).toBe('newesold')
  expect(segment.info[INFO.SEQUENCE]).toBe(1)
  segment.info.fill(0)
  expect(segment.readInto(-1, new Uint8Array(5))).toBe(S['NO_BUFFER'])
  expect(segment.info[INFO.BYTE_LENGTH]).toBe(6)
})

test('says how it stands', () => {
  const { path, segment } = create({ maxRecords: 4 })
  expect(segment.state()[STATE.NEWEST_NS]).toBe(0)
  for (let i = 0; i < 6; i++) put(segment, 'abc')
  segment.read(1, true)
  segment.loan(10)
  segment.discard(segment.info[INFO.SLOT]!)
  expect(segment.put(new Uint8Array((1 << 20) + 1), 0)).toBe(-S['TOO_LARGE']!)
  segment.reject(2)
  const state = segment.state()
  expect(state.length).toBe(STATE.CELLS)
  const { NEWEST_NS, CELLS, ...cells } = STATE
  expect(Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, state[cell]]))).toEqual({
    NEXT_SEQUENCE: 7,
    OLDEST_SEQUENCE: 4,
    LIVE_RECORDS: 3,
    LIVE_BYTES: 9,
    PUBLISHED_BYTES: 18,
    EVICTED: 2,
    EXPIRED: 0,
    POPPED: 1,
    ABORTED: 1,
    REJECTED: 3,
    REBUILDS: 0,
    BURIALS: 0,
  })
  const other = attach(path)
  other.lease(0)
  expect(segment.participants()).toEqual([
    { pid: process.pid, alive: true, leases: 0, pinnedBytes: 0 },
    { pid: process.pid, alive: true, leases: 1, pinnedBytes: 64 },
  ])
  expect(segment.reap()).toBe(0)
  expect(segment.stalledPid()).toBe(0)
})

test('loses its name and goes on', () => {
  const { path, segment } = create()
  writeFileSync(`${path}_mutex`, '')
  expect(segment.isNamed()).toBe(true)
  expect(segment.unlink()).toBe(S['OK'])
  expect(existsSync(path) || existsSync(`${path}_mutex`)).toBe(false)
  expect(segment.isNamed()).toBe(false)
  expect(segment.unlink()).toBe(S['NOT_FOUND'])
  put(segment, 'still here')
  expect(addon.attachSegment(path, attachOptions)).toMatchObject({ status: S['NOT_FOUND'] })
})

test('answers by itself once it is closed', () => {
  const { path, segment } = create()
  put(segment, 'x')
  const follower = segment.follow(1)
  segment.close()
  segment.close()
  const closed = S['CLOSED']!
  expect(segment.put(new Uint8Array(1), 0)).toBe(-closed)
  expect(segment.loan(1)).toBe(-closed)
  expect(segment.commit(0, 0, 0)).toBe(-closed)
  expect(segment.discard(0)).toBe(-closed)
  expect(segment.read(0, false)).toBe(-closed)
  expect(segment.read(0, true)).toBe(-closed)
  expect(segment.readInto(-1, new Uint8Array(1))).toBe(closed)
  expect(segment.readOne(1, false)).toBe(closed)
  expect(segment.lease(0)).toBe(closed)
  expect(segment.takeLeased(0)).toBe(closed)
  expect(() => segment.leaseBytes(0)).toThrow()
  expect(segment.arm(1)).toBe(closed)
  expect(segment.spin(1, 10)).toBe(false)
  expect(segment.nextSequence()).toBe(-closed)
  expect(segment.oldestSequence()).toBe(-closed)
  expect(segment.unlink()).toBe(closed)
  expect([...segment.state()]).toEqual(new Array(STATE.CELLS).fill(0))
  expect([segment.sequences(0).length, segment.participants(), segment.reap()]).toEqual([0, [], 0])
  expect([segment.isNamed(), segment.isRetired()]).toEqual([false, false])
  for (const silent of [() => segment.unlease(0), () => segment.disarm(), () => segment.retire()]) silent()
  segment.setBell(undefined)
  segment.reject(1)
  expect(follower.next()).toBe(closed)
  expect(follower.nextLease()).toBe(closed)
  follower.skipToNewest()
  expect(follower.cursor()).toBe(1)
  expect(segment.follow(5).next()).toBe(closed)
  expect(addon.removeSegment(path, attachOptions)).toBeUndefined()
})

test('knows the host', () => {
  const { bootId, timeNamespace, user } = addon.hostIdentity()
  expect(bootId).toMatch(/^[0-9a-f]{32}$/)
  expect(timeNamespace).toMatch(/^\d*$/)
  expect(user).toBe(process.geteuid!())
})

import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadAddon } from '../../src/native/addon.ts'
import { createTopic, filledTopic } from '../support/topics.ts'

/** Where native/ring/layout.hpp begins to count. */
const ABI = 8
const ROUNDS = 800

function scratch(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return path.join(folder, 'segment')
}

/** Reproducible. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const statusOf = (file: string): string => {
  const { failure } = loadAddon().inspectSegment(file)
  return loadAddon().statusNames[failure?.status ?? 0] as string
}

test('looking at a segment changes none of its bytes, and takes no place', () => {
  const { store } = filledTopic(5)
  const file = store.description.place!.path
  const before = readFileSync(file)
  const { holders, content } = loadAddon().inspectSegment(file)
  expect({ holders, records: content?.records, recordBytes: content?.recordBytes }).toEqual({
    holders: 2,
    records: 5,
    recordBytes: 40,
  })
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('leases of the living are counted', () => {
  const { store, guest } = filledTopic(2)
  const lease = guest.lease()!
  const leases = () =>
    loadAddon()
      .inspectSegment(store.description.place!.path)
      .content?.users.map((user) => user.leases)
  expect(leases()).toEqual([0, 1])
  lease.release()
  expect(leases()).toEqual([0, 0])
})

test('what is no segment, of another version, cut short or damaged is told so', () => {
  const file = scratch()
  const good = readFileSync(filledTopic(3).store.description.place!.path)
  const changed = (at: number, value: number) => {
    const copy = Buffer.from(good)
    copy[at] = value
    return copy
  }
  const told = (bytes: Uint8Array) => {
    writeFileSync(file, bytes)
    return statusOf(file)
  }
  expect(told(good)).toBe('OK')
  expect(told(new Uint8Array(0))).toBe('NOT_A_RING')
  expect(told(Buffer.from('nonsense'))).toBe('NOT_A_RING')
  expect(told(changed(ABI, 9))).toBe('VERSION_MISMATCH')
  expect(told(changed(0x30, 9))).toBe('CORRUPT')
  expect(told(good.subarray(0, 100))).toBe('TRUNCATED')
  expect(told(good.subarray(0, -4096))).toBe('TRUNCATED')
  expect(loadAddon().inspectSegment('/dev/null').failure?.reason).toBe('not a regular file')
  expect(statusOf(`${file}-missing`)).toBe('NOT_FOUND')
})

test('whatever the bytes are, looking ends, and soon', { timeout: 60_000 }, () => {
  const file = scratch()
  const original = filledTopic(8, { capacityBytes: 2 ** 16, participants: 4 }).store.description.place!.path
  const good = readFileSync(original)
  const below = generator(20_240_607)
  const statuses = new Set<string>()
  copyFileSync(original, file)
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.from(good)
    // Behind the header, whose checksum would hide the rest, in two of three rounds.
    const from = round % 3 === 0 ? 0 : 0x100
    const upTo = round % 3 === 0 ? 0x800 : bytes.length - 2 ** 16
    for (let count = 1 + below(16); count > 0; count--) {
      const at = from + below(upTo - from - 8)
      if (below(2) === 0) bytes[at] = below(256)
      else bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(below(3) - 1) * BigInt(1 + below(2 ** 16))), at & ~7)
    }
    writeFileSync(file, bytes)
    if (round % 5 === 0) truncateSync(file, below(bytes.length))
    statuses.add(statusOf(file))
  }
  expect([...statuses]).toEqual(expect.arrayContaining(['OK', 'CORRUPT', 'TRUNCATED']))
})

test('who has a file open is seen however it is open', () => {
  const file = scratch()
  const isUnopened = () => loadAddon().statusNames[loadAddon().isUnopened(file)]
  expect(isUnopened()).toBe('NOT_FOUND')
  writeFileSync(file, 'x')
  expect(isUnopened()).toBe('OK')
  const store = createTopic()
  // Attachments keep their file open, and views their mapping.
  expect(loadAddon().statusNames[loadAddon().isUnopened(store.description.place!.path)]).toBe('IN_USE')
  expect(loadAddon().removeUnopened([store.description.place!.path])).toMatchObject({ reason: 'somebody has it open' })
  expect(loadAddon().removeUnopened([file])).toBeUndefined()
  expect(isUnopened()).toBe('NOT_FOUND')
})

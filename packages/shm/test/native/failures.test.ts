import {
  chmodSync,
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { constants } from 'node:os'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WORD } from '../support/segment-file.ts'
import { addon, attach, attachOptions, create, createOptions, failed, put, S, sharedFolder } from './support/native.ts'
import { Program } from './support/program.ts'

const name = (failure: { status: number }) => addon.statusNames[failure.status]
const isRoot = process.geteuid!() === 0

/** Writes into the file behind everybody's back. */
function scribble(path: string, at: number, bytes: Uint8Array) {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}

describe('a segment is refused with its reason:', () => {
  const cases: Record<string, (path: string) => void> = {
    NOT_FOUND: () => {},
    NOT_A_RING: (path) => writeFileSync(path, 'somebody else’s file'.repeat(1000), { mode: 0o600 }),
    VERSION_MISMATCH: (path) => {
      create({}, path).segment.close()
      scribble(path, 8, Uint8Array.of(99, 0, 0, 0))
    },
    CORRUPT: (path) => {
      create({}, path).segment.close()
      scribble(path, 0x10, Uint8Array.of(1))
    },
    TRUNCATED: (path) => {
      create({}, path).segment.close()
      const file = openSync(path, 'r+')
      ftruncateSync(file, 8192)
      closeSync(file)
    },
    FOREIGN_SEGMENT: (path) => {
      create({}, path).segment.close()
      chmodSync(path, 0o644)
    },
    PARTICIPANTS_FULL: (path) => {
      create({ participants: 1 }, path)
    },
  }
  test.each(Object.entries(cases))('%s', (status, prepare) => {
    const path = `${sharedFolder()}/s`
    prepare(path)
    const failure = failed(addon.attachSegment(path, attachOptions))
    expect(name(failure)).toBe(status)
    expect(typeof failure.reason).toBe('string')
    expect(Object.keys(failure).sort()).toEqual(
      ['status', 'errno', 'expectedAbi', 'foundAbi', 'neededBytes', 'availableBytes', 'reason'].sort(),
    )
    if (status === 'VERSION_MISMATCH') expect([failure.expectedAbi, failure.foundAbi]).toEqual([addon.abi, 99])
    if (status === 'NOT_FOUND') expect(failure.errno).toBe(constants.errno.ENOENT)
    if (status === 'TRUNCATED') expect(failure.availableBytes).toBe(8192)
  })

  test('FOREIGN_SEGMENT behind a symbolic link', () => {
    const { path } = create()
    symlinkSync(path, `${path}-link`)
    expect(name(failed(addon.attachSegment(`${path}-link`, attachOptions)))).toBe('FOREIGN_SEGMENT')
  })

  test('STALE_BOOT', () => {
    const { path, segment } = create()
    segment.close()
    const header = readFileSync(path).subarray(0, 4096)
    header.fill(0xee, 0x78, 0x88)
    scribble(path, 0, header)
    scribble(path, 0xf8, checksum(header))
    expect(name(failed(addon.attachSegment(path, attachOptions)))).toBe('STALE_BOOT')
    expect(addon.removeSegment(path, attachOptions)).toBeUndefined()
  })
})

describe('a segment cannot be created:', () => {
  test('EXISTS', () => {
    const { path } = create()
    expect(name(failed(addon.createSegment(path, createOptions)))).toBe('EXISTS')
  })

  test('NO_SPACE, with what is needed and what is there', () => {
    const failure = failed(addon.createSegment(`${sharedFolder()}/s`, { ...createOptions, capacityBytes: 2 ** 37 }))
    expect(name(failure)).toBe('NO_SPACE')
    expect(failure.neededBytes).toBeGreaterThan(failure.availableBytes)
  })

  test('INVALID_ARGUMENT', () => {
    const path = `${sharedFolder()}/s`
    for (const wrong of [
      { capacityBytes: 0 },
      { capacityBytes: Number.MAX_SAFE_INTEGER },
      { participants: 0 },
      { participants: 257 },
      { maxRecords: 0 },
      { description: 'x'.repeat(1025) },
    ]) {
      expect(name(failed(addon.createSegment(path, { ...createOptions, ...wrong })))).toBe('INVALID_ARGUMENT')
    }
  })

  test('NOT_FOUND without the folder', () => {
    const path = `${sharedFolder()}/missing/s`
    expect(name(failed(addon.createSegment(path, createOptions)))).toBe('NOT_FOUND')
    expect(name(failed(addon.openBell(`${sharedFolder()}/missing`, undefined)))).toBe('SYSTEM_ERROR')
  })
})

test('a segment is not removed while somebody holds it', () => {
  const { path, segment } = create()
  expect(name(failed(addon.removeSegment(path, attachOptions)))).toBe('IN_USE')
  segment.close()
  expect(addon.removeSegment(path, attachOptions)).toBeUndefined()
  expect(name(failed(addon.removeSegment(path, attachOptions)))).toBe('NOT_FOUND')
})

test('a stopped writer inside the lock stalls the others, who learn its pid', () => {
  const { path } = create()
  const segment = attach(path)
  const room = segment.loan(100)
  const slot = segment.info[5]!
  // The lock word says that participant 1 holds it, and participant 1 lives.
  scribble(path, 0x100, Uint8Array.of(2, 0, 0, 0))
  const impatient = addon.attachSegment(path, { lockTimeoutNs: 5e6 })
  if ('status' in impatient) throw new Error(name(impatient))
  onTestFinished(() => impatient.close())
  expect(impatient.put(new Uint8Array(1), 0)).toBe(-S['WRITER_STALLED']!)
  expect(impatient.stalledPid()).toBe(process.pid)
  scribble(path, 0x100, Uint8Array.of(0, 0, 0, 0))
  expect(impatient.put(new Uint8Array(1), 0)).toBe(1)
  expect(room).toBeInstanceOf(ArrayBuffer)
  expect(segment.commit(slot, 100, 0)).toBe(2)
})

test('records of a damaged ring are not read', () => {
  const { path, segment } = create()
  put(segment, 'x')
  scribble(path, WORD.POISON, Uint8Array.of(1))
  expect(segment.put(new Uint8Array(1), 0)).toBe(-S['CORRUPT']!)
  expect(segment.readOne(1, false)).toBe(S['CORRUPT'])
  expect(segment.read(0, false)).toBe(-S['CORRUPT']!)
  expect(segment.lease(0)).toBe(S['CORRUPT'])
})

test('old records are expired', () => {
  const { segment } = create({ ttlNs: 1 })
  put(segment, 'x')
  // The steady clock has moved on by more than a nanosecond.
  const { segment: other } = create()
  other.spin(1, 1000)
  expect(segment.readOne(1, false)).toBe(S['EXPIRED'])
  expect(segment.lease(1)).toBe(S['EXPIRED'])
  expect(segment.readInto(-1, new Uint8Array(1))).toBe(S['EMPTY'])
})

test.skipIf(!isRoot)('another user’s segment is foreign, its group’s is not', async () => {
  const folder = sharedFolder()
  const user = { uid: 54_321, gid: 54_321 }
  const path = `${folder}/s`
  create({ group: user.gid }, path)
  const asUser = (options: string) =>
    new Program(`console.log(addon.attachSegment('${path}', ${options}).status ?? 'attached')`, [], user).line()
  expect(await asUser('{ lockTimeoutNs: 1e9 }')).toBe(`${S['PERMISSION_DENIED']}`)
  chmodSync(folder, 0o777)
  expect(await asUser('{ lockTimeoutNs: 1e9 }')).toBe(`${S['FOREIGN_SEGMENT']}`)
  expect(await asUser(`{ lockTimeoutNs: 1e9, group: ${user.gid} }`)).toBe('attached')
})

/** crc32c of a header page's numbers and its description, as the ring computes it. */
function checksum(header: Uint8Array): Uint8Array {
  let crc = 0xffffffff
  for (const byte of [...header.subarray(0, 0xf8), ...header.subarray(0x400, 0x800)]) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return new Uint8Array(Uint32Array.of(~crc).buffer)
}

import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readReference as read } from '../../src/robotmq/read-reference.ts'
import { describePython, startPython } from './support/python.ts'
import { makeServerFile, pathOf } from './support/shared-file.ts'

const text = (data: Uint8Array) => Buffer.from(data).toString()

describe('a record of a robotmq server', () => {
  const name = () => makeServerFile(Buffer.from('0123456789'))

  test.each([
    ['inside', 2, 3, '234'],
    ['at the beginning', 0, 1, '0'],
    ['up to the end', 7, 3, '789'],
    ['beyond the end, going on at the beginning', 8, 5, '89012'],
    ['from the very end', 10, 4, '0123'],
    ['as large as the memory', 4, 10, '4567890123'],
    ['empty', 3, 0, ''],
  ])('%s', async (_where, start, byteLength, expected) => {
    expect(text(await read({ name: name(), totalBytes: 10, start, byteLength }))).toBe(expected)
  })

  test('in memory that is larger than what the server uses', async () => {
    expect(text(await read({ name: name(), totalBytes: 4, start: 3, byteLength: 3 }))).toBe('301')
  })

  test('with a slash before its name', async () => {
    expect(text(await read({ name: `/${name()}`, totalBytes: 10, start: 0, byteLength: 2 }))).toBe('01')
  })

  test('of many megabytes', async () => {
    const content = randomBytes(20_000_000)
    const large = makeServerFile(content)
    const data = await read({ name: large, totalBytes: 20_000_000, start: 7_000_000, byteLength: 20_000_000 })
    const sha = createHash('sha256').update(content.subarray(7_000_000)).update(content.subarray(0, 7_000_000))
    expect(createHash('sha256').update(data).digest('hex')).toBe(sha.digest('hex'))
  })

  test('in files that the server made again', async () => {
    const first = name()
    const second = makeServerFile(Buffer.from('abcdefghij'))
    const reference = { name: first, totalBytes: 10, start: 0, byteLength: 3 }
    expect(text(await read(reference))).toBe('012')
    renameSync(pathOf(second), pathOf(first))
    expect(text(await read(reference))).toBe('abc')
  })
})

describe('a reference that leads nowhere', () => {
  const reference = { totalBytes: 10, start: 0, byteLength: 3 }
  const make = () => makeServerFile(Buffer.from('0123456789'))

  test.each([
    ['start beyond the memory', { start: 11 }],
    ['more bytes than the memory', { byteLength: 11 }],
    ['more memory than the file', { totalBytes: 11 }],
    ['2^53 bytes', { totalBytes: 2 ** 53, byteLength: 2 ** 53 }],
    ['a length that does not fit in any memory', { totalBytes: 2 ** 50, byteLength: 2 ** 50 }],
    ['a start of 2^64 - 1', { start: 2 ** 64 }],
  ])('%s', async (_what, wrong) => {
    await expect(read({ name: make(), ...reference, ...wrong })).rejects.toMatchObject({
      code: expect.stringMatching(/^(MALFORMED_MESSAGE|NO_SPACE)$/),
    })
  })

  test.each(['', '/', '..', '../etc/passwd', 'a/b', 'no-such-file', 'a\0b', 'x'.repeat(300)])(
    'named %j',
    async (name) => {
      await expect(read({ name, ...reference })).rejects.toMatchObject({ code: 'MALFORMED_MESSAGE' })
    },
  )

  test.each([
    ['a shorter file than told', (path: string) => truncateSync(path, 9)],
    ['a symbolic link', (path: string) => replace(path, () => symlinkSync(`${path}_mutex`, path))],
    ['a folder', (path: string) => replace(path, () => mkdirSync(path))],
    ['a FIFO', (path: string) => replace(path, () => execFileSync('mkfifo', [path]))],
  ])('%s', async (_what, spoil) => {
    const name = make()
    spoil(pathOf(name))
    await expect(read({ name, ...reference })).rejects.toMatchObject({ code: 'MALFORMED_MESSAGE' })
  })

  function replace(path: string, make: () => void): void {
    unlinkSync(path)
    make()
  }
})

describePython('memory that somebody else has locked', () => {
  test('is read all the same, and stays locked by them', async () => {
    const name = makeServerFile(Buffer.from('data'))
    const holder = startPython('lock_holder.py', `${pathOf(name)}_mutex`)
    expect(await holder.line()).toBe('locked')
    const mutex = readFileSync(`${pathOf(name)}_mutex`)
    const reference = { name, totalBytes: 4, start: 0, byteLength: 4 }
    expect(text(await read(reference))).toBe('data')
    await holder.kill()
    expect(text(await read(reference))).toBe('data')
    expect(readFileSync(`${pathOf(name)}_mutex`)).toEqual(mutex)
  })
})

test('reads do not leak descriptors', async () => {
  const name = makeServerFile(Buffer.from('data'))
  const count = () => readdirSync('/proc/self/fd').length
  const before = count()
  for (let turn = 0; turn < 200; turn++) {
    await read({ name, totalBytes: 4, start: 0, byteLength: 4 })
    await read({ name, totalBytes: 5, start: 0, byteLength: 4 }).catch(() => {})
  }
  expect(count()).toBeLessThan(before + 20)
})

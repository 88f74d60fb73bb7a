import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLegacyMutex } from '../../src/robotmq/legacy-mutex.ts'
import { eventually } from '../support/eventually.ts'
import { describePython, type PythonProgram, startPython } from './support/python.ts'
import { freshName, MUTEX_BYTES, pathOf } from './support/shared-file.ts'

describe('the mutex file of a segment', () => {
  test('is for this user alone, or for a group', () => {
    const path = pathOf(freshName())
    createLegacyMutex(path, undefined)
    expect(statSync(`${path}_mutex`)).toMatchObject({ mode: 0o100600, size: MUTEX_BYTES })
    createLegacyMutex(path, process.getgid!())
    expect(statSync(`${path}_mutex`)).toMatchObject({ mode: 0o100660, gid: process.getgid!() })
  })

  test('takes the place of whatever stands there', () => {
    const path = pathOf(freshName())
    writeFileSync(`${path}_target`, 'untouched')
    symlinkSync(`${path}_target`, `${path}_mutex`)
    createLegacyMutex(path, undefined)
    expect(statSync(`${path}_mutex`).size).toBe(MUTEX_BYTES)
    expect(readFileSync(`${path}_target`, 'utf8')).toBe('untouched')
  })

  test('cannot be made where there is no folder', () => {
    expect(() => createLegacyMutex('/dev/shm/no-such-folder/s', undefined)).toThrowError(
      /s_mutex.* cannot be made: ENOENT/,
    )
  })
})

describePython('real robotmq clients', () => {
  const SLOTS = 8
  const SLOT_BYTES = 100_000

  test('read by our mutex; killed ones keep nobody waiting', { timeout: 60_000 }, async () => {
    const name = freshName()
    const content = Buffer.concat(Array.from({ length: SLOTS }, (_, slot) => Buffer.alloc(SLOT_BYTES, slot)))
    writeFileSync(pathOf(name), content, { mode: 0o600 })
    createLegacyMutex(pathOf(name), undefined)
    const folder = mkdtempSync(join(tmpdir(), 'rmq-shm-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const endpoint = `ipc://${folder}/s`
    const server = startPython('reference_server.py', endpoint, name, `${SLOT_BYTES}`, `${SLOTS}`)
    expect(await server.line()).toBe('ready')
    const readers = Array.from({ length: 4 }, () => new Reader(endpoint))
    for (const reader of readers) await reader.readsOn()
    const endMs = performance.now() + 10_000
    for (let turn = 0; performance.now() < endMs; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 250))
      const victim = (turn * 7) % readers.length
      await readers[victim]!.kill()
      for (const [index, reader] of readers.entries()) if (index !== victim) await reader.readsOn()
      readers[victim] = new Reader(endpoint)
    }
    for (const reader of readers) await reader.readsOn()
  })
})

/** A real client that reads for ever. */
class Reader {
  readonly #program: PythonProgram
  #reports = 0
  #wrong: string | undefined

  constructor(endpoint: string) {
    this.#program = startPython('reader.py', endpoint)
    void this.#listen().catch(() => {})
  }

  /** It has read since now, and has never read anything but what is there. */
  async readsOn(): Promise<void> {
    // The next report may have been under way already.
    const reports = this.#reports + 2
    await eventually(() => this.#reports >= reports || this.#wrong !== undefined, 'a reader goes on')
    expect(this.#wrong).toBeUndefined()
  }

  kill(): Promise<void> {
    return this.#program.kill()
  }

  async #listen(): Promise<void> {
    for (;;) {
      const line = await this.#program.line()
      if (line.startsWith('wrong')) this.#wrong = line
      this.#reports++
    }
  }
}

import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'

const FOLDER = '/dev/shm/'

/** Where glibc keeps the kind of a mutex; 0x80: shared between processes. */
const KIND_OFFSET = 16
const SHARED = 0x80
export const MUTEX_BYTES = process.arch === 'arm64' ? 48 : 40

/** A name in the folder of shared memory; all files that begin with it are removed when the test ends. */
export function freshName(): string {
  const name = `rmq-test-${randomBytes(8).toString('hex')}`
  onTestFinished(() => {
    for (const file of readdirSync(FOLDER)) if (file.startsWith(name)) rmSync(FOLDER + file, { recursive: true })
  })
  return name
}

export const pathOf = (name: string): string => FOLDER + name

/** Files as a robotmq server makes them: the memory, and a mutex that nobody holds. */
export function makeServerFile(content: Uint8Array): string {
  const name = freshName()
  writeFileSync(pathOf(name), content)
  const mutex = Buffer.alloc(MUTEX_BYTES)
  mutex[KIND_OFFSET] = SHARED
  writeFileSync(`${pathOf(name)}_mutex`, mutex)
  return name
}

import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OfferedFile, RmqError } from '@rmq/core'
import { SEGMENT_FOLDER } from '../segment-path.ts'
import { robotmqUser } from './robotmq-user.ts'
import { codeOfSystemError } from './system-error.ts'

/** What a killed process left behind is of no use to any server after this time. */
const LEFT_BEHIND_MS = 600_000

/**
 * Puts bytes into a file for a robotmq server to read. The server may be another user's, and one that may not read it
 * raises an error in its program: readable for all, within the umask, as the original's own. The name is of the
 * original's kind too, so that what a killed process leaves behind goes with Python's `clear_shared_memory`.
 * @throws NO_SPACE
 */
export function offerFile(data: Uint8Array): OfferedFile {
  const name = `rmq_${robotmqUser()}_${process.pid}_${randomBytes(8).toString('hex')}_request`
  const path = join(SEGMENT_FOLDER, name)
  try {
    writeFileSync(path, data, { flag: 'wx', mode: 0o644 })
  } catch (thrown) {
    rmSync(path, { force: true })
    const { code = '' } = thrown as NodeJS.ErrnoException
    throw new RmqError(
      codeOfSystemError(code) ?? 'UNSUPPORTED',
      `${data.byteLength} bytes cannot be put into shared memory for the robotmq server: ${code}.`,
    )
  }
  return {
    name,
    totalBytes: data.byteLength,
    start: 0,
    byteLength: data.byteLength,
    release: () => rmSync(path, { force: true }),
  }
}

/** Removes what processes of this user that were killed have offered. */
export function sweepOfferedFiles(): void {
  const prefix = `rmq_${robotmqUser()}_`
  for (const name of readdirSync(SEGMENT_FOLDER)) {
    if (!name.startsWith(prefix)) continue
    const pid = Number(/^(\d+)_[0-9a-f]{16}_request$/.exec(name.slice(prefix.length))?.[1])
    if (!Number.isNaN(pid) && !isAlive(pid)) removeIfOld(join(SEGMENT_FOLDER, name))
  }
}

/** A process of another namespace looks dead: its files are spared while they are fresh. */
function removeIfOld(path: string): void {
  const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN
  if (Date.now() - modifiedMs > LEFT_BEHIND_MS) rmSync(path, { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type OfferedFile, RmqError } from '@rmq/core'
import { loadAddon } from '../native/addon.ts'
import type { NativeAddon } from '../native/addon-types.ts'
import { SEGMENT_FOLDER } from '../segment-path.ts'
import { robotmqUser } from './robotmq-user.ts'
import { codeOfSystemError } from './system-error.ts'

/**
 * Puts bytes into a file for a robotmq server to read. The server may be another user's, and one that may not read it
 * raises an error in its program: readable for all, within the umask, as the original's own. The name is of the
 * original's kind too, so that what a killed process leaves behind goes with Python's `clear_shared_memory`. As long as the
 * file is offered it is open here: by that the kernel proves to whoever tidies that it is somebody's.
 * @throws NO_SPACE
 */
export function offerFile(data: Uint8Array): OfferedFile {
  const name = `rmq_${robotmqUser()}_${process.pid}_${randomBytes(8).toString('hex')}_request`
  const path = join(SEGMENT_FOLDER, name)
  const fd = create(path, data)
  return {
    name,
    totalBytes: data.byteLength,
    start: 0,
    byteLength: data.byteLength,
    release: once(() => {
      rmSync(path, { force: true })
      closeSync(fd)
    }),
  }
}

function create(path: string, data: Uint8Array): number {
  let fd: number | undefined
  try {
    fd = openSync(path, 'wx', 0o644)
    writeFileSync(fd, data)
    return fd
  } catch (thrown) {
    if (fd !== undefined) {
      rmSync(path, { force: true })
      closeSync(fd)
    }
    const { code = '' } = thrown as NodeJS.ErrnoException
    throw new RmqError(
      codeOfSystemError(code) ?? 'UNSUPPORTED',
      `${data.byteLength} bytes cannot be put into shared memory for the robotmq server: ${code}.`,
    )
  }
}

function once(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}

/** Removes what processes of this user that were killed have offered. */
export function sweepOfferedFiles(): void {
  let addon: NativeAddon
  try {
    addon = loadAddon()
  } catch {
    // Offering works without it.
    return
  }
  for (const name of readdirSync(SEGMENT_FOLDER)) {
    if (/^rmq_.*_\d+_[0-9a-f]{16}_request$/.test(name)) addon.removeUnopened([join(SEGMENT_FOLDER, name)])
  }
}

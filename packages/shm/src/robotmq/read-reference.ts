import { closeSync, constants, fstatSync, openSync, read as readCallback, readSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type FileReference, RmqError, type RmqErrorCode } from '@rmq/core'
import { SEGMENT_FOLDER } from '../segment-path.ts'
import { codeOfSystemError } from './system-error.ts'

const readLater = promisify(readCallback)

/** O_NONBLOCK: a FIFO in that place must not hold us. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: "run as the server's user",
  ENOENT: "the server has ended meanwhile, or this process does not see its host's /dev/shm",
}
/** What takes the thread longer than a millisecond is done off it. */
const MOST_AT_ONCE = 4 * 2 ** 20

/**
 * Copies a record out of the memory of a robotmq server, whose records go on at 0 where they reach `totalBytes`. Read,
 * not mapped: there is nothing to set up for each record, and a file that shrinks is an error instead of a SIGBUS.
 *
 * The server's lock is left alone. Its owner's death would freeze the server for ever, and it protects little: a record is
 * complete before the server tells of it, and nothing keeps the server from overwriting it before the lock is had.
 * Whether the copy is whole, the server can tell afterwards: a record that is still in the topic has not been overwritten.
 * @throws PERMISSION_DENIED, NO_SPACE, MALFORMED_MESSAGE for a reference that leads nowhere
 */
export async function readReference(reference: FileReference): Promise<Uint8Array> {
  const { totalBytes, start, byteLength } = reference
  const isWhole = [totalBytes, start, byteLength].every(Number.isSafeInteger)
  // A record behind one that filled the file to its end starts at `totalBytes`.
  if (!isWhole || start > totalBytes || byteLength > totalBytes) throw leadsOutside(reference)
  const fd = open(reference)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size < totalBytes) throw leadsOutside(reference)
    const target = allocate(reference)
    const beforeEnd = Math.min(byteLength, totalBytes - start)
    await fill(target.subarray(0, beforeEnd), fd, start, reference)
    await fill(target.subarray(beforeEnd), fd, 0, reference)
    return target
  } finally {
    closeSync(fd)
  }
}

function open(reference: FileReference): number {
  const name = reference.name.replace(/^\/+/, '')
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
    throw unreadable(reference, 'its name is not that of a file of shared memory', 'MALFORMED_MESSAGE')
  }
  try {
    return openSync(join(SEGMENT_FOLDER, name), FLAGS)
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException
    const remedy = REMEDIES[code]
    throw unreadable(
      reference,
      remedy === undefined ? code : `${code}; ${remedy}`,
      codeOfSystemError(code) ?? 'MALFORMED_MESSAGE',
    )
  }
}

/** Filling with zeros what the copy fills anyhow would take as long again. */
function allocate(reference: FileReference): Uint8Array {
  try {
    return new Uint8Array(Buffer.allocUnsafeSlow(reference.byteLength).buffer)
  } catch {
    throw unreadable(reference, 'so much memory cannot be had', 'NO_SPACE')
  }
}

async function fill(target: Uint8Array, fd: number, position: number, reference: FileReference): Promise<void> {
  for (let done = 0; done < target.byteLength; ) {
    const rest = target.byteLength - done
    const bytes =
      rest <= MOST_AT_ONCE
        ? readSync(fd, target, done, rest, position + done)
        : (await readLater(fd, target, done, rest, position + done)).bytesRead
    if (bytes === 0) throw leadsOutside(reference)
    done += bytes
  }
}

function leadsOutside(reference: FileReference): RmqError {
  return unreadable(reference, 'there is no such place in it', 'MALFORMED_MESSAGE')
}

function unreadable(reference: FileReference, why: string, code: RmqErrorCode): RmqError {
  const { name, totalBytes, start, byteLength } = reference
  return new RmqError(
    code,
    `The robotmq server told of ${byteLength} bytes at ${start} of the ${totalBytes} bytes of the shared memory ` +
      `"${name}", which cannot be read: ${why}.`,
  )
}

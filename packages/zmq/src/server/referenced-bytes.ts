import { Buffer } from 'node:buffer'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type FileReference, RmqError } from '@rmq/core'

/** Where robotmq's clients look for the names that references tell. */
const FOLDER = '/dev/shm'

/** The bytes of a record, as a client that is told the reference would read them. */
export function readReferenced({ name, start, byteLength }: FileReference): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(byteLength)
  const file = openSync(join(FOLDER, name), constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    let read = 0
    while (read < byteLength) {
      const more = readSync(file, bytes, read, byteLength - read, start + read)
      if (more === 0) throw new RmqError('CORRUPT', `Shared memory "${name}" ends before the record does.`)
      read += more
    }
  } finally {
    closeSync(file)
  }
  return bytes
}

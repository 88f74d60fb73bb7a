import { Buffer } from 'node:buffer'
import { type FileReference, RmqError } from '@rmq/core'
import { REFERENCE_MAGIC } from './record-block.ts'

/**
 * What stands in a record block instead of a payload that lies in shared memory:
 * `0d 0a 0d 0b | u64 nameLength | name | u64 totalBytes | u64 start | u64 length`.
 */
export function encodeFileReference({ name, totalBytes, start, byteLength }: FileReference): Uint8Array {
  // A robotmq client goes on at the file's beginning where a record reaches beyond its end.
  if (start + byteLength > totalBytes) {
    throw new RangeError(
      `Record at ${start} of ${byteLength} bytes is not within the ${totalBytes} bytes of "${name}".`,
    )
  }
  const nameBytes = Buffer.from(name, 'utf8')
  const numbers = Buffer.alloc(8 * 4)
  for (const [index, value] of [nameBytes.byteLength, totalBytes, start, byteLength].entries()) {
    numbers.writeBigUInt64LE(BigInt(value), 8 * index)
  }
  return Buffer.concat([REFERENCE_MAGIC, numbers.subarray(0, 8), nameBytes, numbers.subarray(8)])
}

/**
 * Reads what {@link encodeFileReference} writes.
 * @throws MALFORMED_MESSAGE
 */
export function decodeFileReference(data: Uint8Array): FileReference {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const nameOffset = REFERENCE_MAGIC.byteLength + 8
  const nameLength = data.byteLength - nameOffset - 8 * 3
  if (nameLength < 1 || view.getBigUint64(REFERENCE_MAGIC.byteLength, true) !== BigInt(nameLength)) {
    throw new RmqError('MALFORMED_MESSAGE', `A reference into shared memory of ${data.byteLength} bytes is incomplete.`)
  }
  const name = data.subarray(nameOffset, nameOffset + nameLength)
  const number = (index: number) => Number(view.getBigUint64(nameOffset + nameLength + 8 * index, true))
  return {
    name: Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('utf8'),
    totalBytes: number(0),
    start: number(1),
    byteLength: number(2),
  }
}

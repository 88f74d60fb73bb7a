import { RmqError } from '@rmq/core'

/** A record as robotmq's wire carries it. */
export interface WireRecord {
  readonly timestampS: number
  readonly data: Uint8Array
}

const COUNT_BYTES = 4
const INDEX_BYTES = 4 + 8

/** robotmq's own parser counts in 32 signed bits: no frame of ours may go beyond. */
export const MAX_BLOCK_BYTES: number = 2 ** 31 - 1024

/** Marks a payload that names shared memory instead of being the data. */
export const REFERENCE_MAGIC: Uint8Array = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0b)

/** True for a payload that a robotmq peer would take for a reference into shared memory. */
export function looksLikeReference(data: Uint8Array): boolean {
  return REFERENCE_MAGIC.every((byte, index) => data[index] === byte)
}

/** Bytes of `u32 count | count * (u32 length, f64 timestamp) | payloads`. */
export function recordBlockBytes(records: readonly WireRecord[]): number {
  return records.reduce((sum, { data }) => sum + data.byteLength, COUNT_BYTES + records.length * INDEX_BYTES)
}

/** Writes a block; `target` has room for {@link recordBlockBytes} from `offset`. */
export function writeRecordBlock(target: Uint8Array, offset: number, records: readonly WireRecord[]): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  view.setUint32(offset, records.length, true)
  let index = offset + COUNT_BYTES
  let payload = index + records.length * INDEX_BYTES
  for (const { data, timestampS } of records) {
    view.setUint32(index, data.byteLength, true)
    view.setFloat64(index + 4, timestampS, true)
    target.set(data, payload)
    index += INDEX_BYTES
    payload += data.byteLength
  }
}

/**
 * The records of a block, as views. Bytes after the last one are ignored.
 * @throws MALFORMED_MESSAGE where a length points outside
 */
export function readRecordBlock(body: Uint8Array): WireRecord[] {
  if (body.byteLength === 0) throw new RmqError('MALFORMED_MESSAGE', 'Data is empty')
  if (body.byteLength < COUNT_BYTES) throw new RmqError('MALFORMED_MESSAGE', 'Data string is too short')
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  const count = view.getUint32(0, true)
  let payload = COUNT_BYTES + count * INDEX_BYTES
  if (payload > body.byteLength) {
    throw new RmqError('MALFORMED_MESSAGE', `A block of ${body.byteLength} bytes cannot hold ${count} records.`)
  }
  const records = new Array<WireRecord>(count)
  for (let index = 0; index < count; index++) {
    const entry = COUNT_BYTES + index * INDEX_BYTES
    const length = view.getUint32(entry, true)
    if (length > body.byteLength - payload) {
      throw new RmqError('MALFORMED_MESSAGE', `Data block length invalid: record ${index} claims ${length} bytes.`)
    }
    const data = new Uint8Array(body.buffer, body.byteOffset + payload, length)
    records[index] = { timestampS: view.getFloat64(entry + 4, true), data }
    payload += length
  }
  return records
}

import { Buffer } from 'node:buffer'
import { RmqError } from '@rmq/core'

/** The first bytes of every message of our wire. */
export const WIRE_MAGIC: Uint8Array = Buffer.from([0xf5, 0x52, 0x4d, 0x51])
export const WIRE_VERSION = 1

/** What a message is. */
export const MessageKind = {
  CALL: 1,
  REPLY: 2,
  ERROR: 3,
  /** Nobody waits for a call, or for the records that it asked for, any more. */
  CANCEL: 4,
  /** Records for a subscriber. */
  PUSH: 5,
  /** How much a subscriber takes. */
  CREDIT: 6,
  PING: 7,
  PONG: 8,
  /** The server's socket itself puts this in when a client has gone; clients never send it. */
  GONE: 255,
} as const

/** Magic, version, kind, flags and call id: their place stays the same in every version. */
export const STABLE_BYTES = 12
const PREFIX_BYTES = 32
const RECORD_BYTES = 32

/** What a server's socket delivers in the name of a client that has gone. */
export const GONE_MESSAGE: Uint8Array = Buffer.concat([WIRE_MAGIC, Buffer.from([WIRE_VERSION, MessageKind.GONE])])

/** A record without its payload. */
export interface RecordHead {
  readonly sequence: number
  readonly timestampS: number
  readonly captureTimeS?: number
  readonly byteLength: number
}

/** The first frame of a message. */
export interface Head {
  readonly kind: number
  /** Chosen by the client, repeated in all that belongs to the call. */
  readonly call: number
  /** The server's clock when a reply left, in seconds. */
  readonly timeS: number
  /** In calls: how many replies the client has had on this connection, in 32 bits. */
  readonly received: number
  /** JSON text, or empty. */
  readonly meta: string
  readonly records: readonly RecordHead[]
}

export function hasWireMagic(frame: Uint8Array): boolean {
  return (
    frame.byteLength >= 4 &&
    frame[0] === WIRE_MAGIC[0] &&
    frame[1] === WIRE_MAGIC[1] &&
    frame[2] === WIRE_MAGIC[2] &&
    frame[3] === WIRE_MAGIC[3]
  )
}

/** The version, kind and call id of a frame of any version; undefined where it is too short to tell. */
export function peekHead(frame: Uint8Array): { version: number; kind: number; call: number } | undefined {
  if (frame.byteLength < STABLE_BYTES) return undefined
  const call = new DataView(frame.buffer, frame.byteOffset + 8, 4).getUint32(0, true)
  return { version: frame[4]!, kind: frame[5]!, call }
}

/** @see docs/wire.md for the bytes */
export function encodeHead({ kind, call, timeS, received, meta, records }: Head): Uint8Array {
  const metaBytes = Buffer.byteLength(meta)
  const metaOffset = PREFIX_BYTES + records.length * RECORD_BYTES
  const frame = Buffer.allocUnsafe(metaOffset + metaBytes)
  frame.set(WIRE_MAGIC, 0)
  frame[4] = WIRE_VERSION
  frame[5] = kind
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  view.setUint16(6, 0, true)
  view.setUint32(8, call, true)
  view.setUint32(12, metaBytes, true)
  view.setFloat64(16, timeS, true)
  view.setUint32(24, records.length, true)
  view.setUint32(28, received, true)
  let at = PREFIX_BYTES
  for (const record of records) {
    writeU64(view, at, record.sequence)
    view.setFloat64(at + 8, record.timestampS, true)
    view.setFloat64(at + 16, record.captureTimeS ?? Number.NaN, true)
    writeU64(view, at + 24, record.byteLength)
    at += RECORD_BYTES
  }
  frame.write(meta, metaOffset, 'utf8')
  return frame
}

/**
 * Reads a head of this version.
 * @throws MALFORMED_MESSAGE where the lengths do not add up to the frame
 */
export function decodeHead(frame: Uint8Array): Head {
  if (frame.byteLength < PREFIX_BYTES) {
    throw new RmqError(
      'MALFORMED_MESSAGE',
      `A head of ${frame.byteLength} bytes is shorter than ${PREFIX_BYTES} bytes.`,
    )
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const metaBytes = view.getUint32(12, true)
  const count = view.getUint32(24, true)
  const metaOffset = PREFIX_BYTES + count * RECORD_BYTES
  if (metaOffset + metaBytes !== frame.byteLength) {
    throw new RmqError(
      'MALFORMED_MESSAGE',
      `A head of ${frame.byteLength} bytes cannot hold ${count} records and ${metaBytes} bytes of text.`,
    )
  }
  const records = new Array<RecordHead>(count)
  let at = PREFIX_BYTES
  for (let index = 0; index < count; index++) {
    const captureTimeS = view.getFloat64(at + 16, true)
    records[index] = {
      sequence: readU64(view, at),
      timestampS: view.getFloat64(at + 8, true),
      ...(!Number.isNaN(captureTimeS) && { captureTimeS }),
      byteLength: readU64(view, at + 24),
    }
    at += RECORD_BYTES
  }
  return {
    kind: frame[5]!,
    call: view.getUint32(8, true),
    timeS: view.getFloat64(16, true),
    received: view.getUint32(28, true),
    meta: Buffer.from(frame.buffer, frame.byteOffset + metaOffset, metaBytes).toString('utf8'),
    records,
  }
}

/** Safe integers only: what lies beyond is refused on reading. */
function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 2 ** 32, true)
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true)
}

function readU64(view: DataView, offset: number): number {
  const value = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32
  if (!Number.isSafeInteger(value)) throw new RmqError('MALFORMED_MESSAGE', `The number ${value} is beyond 2^53.`)
  return value
}

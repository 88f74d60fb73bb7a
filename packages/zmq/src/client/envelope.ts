import { Buffer } from 'node:buffer'
import { RmqError } from '@rmq/core'

const DELIMITER = new Uint8Array(0)

/** Numbers of calls stay below the magic of our wire, read as a number. */
export const MAX_CALL = 0x3fff_ffff

/**
 * A frame of robotmq's as a REQ socket would send it, with the call's number before: a REP socket sends back what
 * stands before the empty frame, so a late answer names the call that it belongs to.
 */
export function encodeEnvelope(call: number, frame: Uint8Array): Uint8Array[] {
  const number = Buffer.allocUnsafe(4)
  number.writeUInt32LE(call, 0)
  return [number, DELIMITER, frame]
}

/** The number of the call that an answer belongs to; undefined for anything but an envelope. */
export function callOfEnvelope(frames: readonly Uint8Array[]): number | undefined {
  const [number, delimiter] = frames
  if (frames.length !== 3 || number?.byteLength !== 4 || delimiter?.byteLength !== 0) return undefined
  return new DataView(number.buffer, number.byteOffset, 4).getUint32(0, true)
}

export function frameOfEnvelope(frames: readonly Uint8Array[]): Uint8Array {
  const frame = frames[2]
  if (frame === undefined) throw new RmqError('MALFORMED_MESSAGE', 'The server answered without a frame.')
  return frame
}

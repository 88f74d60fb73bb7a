import { Buffer } from 'node:buffer'
import { RmqError } from '@rmq/core'

/** Larger messages go over ZeroMQ. */
export const LANE_MOST_BYTES: number = 64 * 1024

const MOST_FRAMES = 255
const HEAD_BYTES = 5

/** Where a client may open its lane, and the word that says whose it is. */
export interface LaneInvitation {
  readonly path: string
  readonly key: string
}

/**
 * A message as it goes down a lane: `u32 bytes behind these four | u8 frames | u32 length of each | the frames`.
 * @returns undefined where the message is too large
 */
export function encodeLaneMessage(frames: readonly Uint8Array[]): Uint8Array | undefined {
  let bytes = HEAD_BYTES + frames.length * 4
  for (const frame of frames) bytes += frame.byteLength
  if (bytes > LANE_MOST_BYTES || frames.length > MOST_FRAMES) return undefined
  const message = Buffer.allocUnsafe(bytes)
  message.writeUInt32LE(bytes - 4, 0)
  message[4] = frames.length
  let at = HEAD_BYTES
  let offset = HEAD_BYTES + frames.length * 4
  for (const frame of frames) {
    message.writeUInt32LE(frame.byteLength, at)
    message.set(frame, offset)
    at += 4
    offset += frame.byteLength
  }
  return message
}

/** Cuts the bytes of a lane into messages. */
export class LaneReader {
  readonly #onMessage: (frames: Buffer[]) => void
  #rest: Buffer = Buffer.alloc(0)

  /** @param onMessage the frames are memory of their own */
  constructor(onMessage: (frames: Buffer[]) => void) {
    this.#onMessage = onMessage
  }

  /** @throws MALFORMED_MESSAGE where lengths do not add up: the lane is of no more use */
  push(chunk: Buffer): void {
    const bytes = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let offset = 0
    while (bytes.byteLength - offset >= 4) {
      const length = bytes.readUInt32LE(offset)
      if (length < 1 || length > LANE_MOST_BYTES) throw malformed()
      if (bytes.byteLength - offset - 4 < length) break
      this.#onMessage(framesOf(bytes.subarray(offset + 4, offset + 4 + length)))
      offset += 4 + length
    }
    // A copy: the rest is small, and the chunk may be a large piece of a shared buffer.
    this.#rest = Buffer.from(bytes.subarray(offset))
  }
}

function framesOf(message: Buffer): Buffer[] {
  const count = message[0]!
  let at = 1
  let offset = 1 + count * 4
  if (offset > message.byteLength) throw malformed()
  const frames = new Array<Buffer>(count)
  for (let index = 0; index < count; index++) {
    const end = offset + message.readUInt32LE(at)
    if (end > message.byteLength) throw malformed()
    frames[index] = copyOf(message.subarray(offset, end))
    at += 4
    offset = end
  }
  if (offset !== message.byteLength) throw malformed()
  return frames
}

/** In an ArrayBuffer of its own: what a reader keeps must not keep other messages. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.byteLength))
  copy.set(bytes)
  return copy
}

function malformed(): RmqError {
  return new RmqError('MALFORMED_MESSAGE', 'The lengths of a message do not add up.')
}

import { Buffer, isUtf8 } from 'node:buffer'
import { RmqError } from '@rmq/core'

/** The command byte of robotmq's frames. */
export const RobotmqCommand = { PEEK: 1, POP: 2, REQUEST: 3, PUT: 5, STATUS: 6, ERROR: -1 } as const

/** Topic length, command and timestamp. */
const FIXED_BYTES = 1 + 1 + 8

/** One message of robotmq: `u8 topicLength | topic | i8 command | f64 timestamp | body`, little endian. */
export interface RobotmqFrame {
  readonly topic: Uint8Array
  readonly command: number
  /** Seconds on the sender's clock. */
  readonly timestampS: number
  readonly body: Uint8Array
}

/**
 * The parts of a frame, as views.
 * @throws MALFORMED_MESSAGE for a frame that ends inside its header
 */
export function decodeFrame(frame: Uint8Array): RobotmqFrame {
  if (frame.byteLength < FIXED_BYTES) {
    throw new RmqError(
      'MALFORMED_MESSAGE',
      `The frame of ${frame.byteLength} bytes is too short for topic length, command and timestamp (${FIXED_BYTES} bytes).`,
    )
  }
  const topicLength = frame[0]!
  if (frame.byteLength < FIXED_BYTES + topicLength) {
    throw new RmqError(
      'MALFORMED_MESSAGE',
      `The frame of ${frame.byteLength} bytes is too short for its topic of ${topicLength} bytes.`,
    )
  }
  if (topicLength === 0) throw new RmqError('MALFORMED_MESSAGE', 'The topic of a frame cannot be empty.')
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const bodyOffset = FIXED_BYTES + topicLength
  return {
    topic: frame.subarray(1, 1 + topicLength),
    command: view.getInt8(1 + topicLength),
    timestampS: view.getFloat64(2 + topicLength, true),
    body: new Uint8Array(frame.buffer, frame.byteOffset + bodyOffset, frame.byteLength - bodyOffset),
  }
}

/** A frame whose body of `bodyBytes` is yet to be written, and where it begins. */
export function allocateFrame(
  topic: Uint8Array,
  command: number,
  timestampS: number,
  bodyBytes: number,
): { frame: Uint8Array; bodyOffset: number } {
  const bodyOffset = FIXED_BYTES + topic.byteLength
  const frame = Buffer.allocUnsafeSlow(bodyOffset + bodyBytes)
  frame[0] = topic.byteLength
  frame.set(topic, 1)
  frame.writeInt8(command, 1 + topic.byteLength)
  frame.writeDoubleLE(timestampS, 2 + topic.byteLength)
  return { frame, bodyOffset }
}

export function encodeFrame({ topic, command, timestampS, body }: RobotmqFrame): Uint8Array {
  const { frame, bodyOffset } = allocateFrame(topic, command, timestampS, body.byteLength)
  frame.set(body, bodyOffset)
  return frame
}

/** The topic as text; undefined where the bytes are not UTF-8 and so name no topic of ours. */
export function topicText(topic: Uint8Array): string | undefined {
  if (!isUtf8(topic)) return undefined
  return Buffer.from(topic.buffer, topic.byteOffset, topic.byteLength).toString('utf8')
}

/** The UTF-8 bytes of a topic's name. */
export function topicBytes(topic: string): Uint8Array {
  return Buffer.from(topic, 'utf8')
}

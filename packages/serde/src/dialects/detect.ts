import type { DecodeOptions } from '../decode-options.ts'
import { malformed, RmqError } from '../errors.ts'
import { type ArrayReader, decodeMsgpack } from '../msgpack/reader.ts'
import { decodeRobotmq } from '../robotmq-decode.ts'
import { grootReader } from './groot.ts'
import { msgpackNumpyReader } from './msgpack-numpy.ts'
import { openpiReader } from './openpi.ts'

/** Each dialect marks its arrays with keys of its own, so that one reader takes them all. */
const anyReader: ArrayReader = {
  fromBinaryKeys: (fields, keepScalars) =>
    openpiReader.fromBinaryKeys!(fields, keepScalars) ?? msgpackNumpyReader.fromBinaryKeys!(fields, keepScalars),
  fromTextKeys: (fields) => grootReader.fromTextKeys!(fields),
}

/** Begins every pickle that robotmq writes. In msgpack it is a whole message by itself: an empty map. */
const PICKLE = 0x80

/**
 * Reads a message of any dialect. Bytes that begin as a pickle are robotmq's, as no longer message of msgpack begins so.
 */
export function decodeDetected(bytes: Uint8Array, options?: DecodeOptions): unknown {
  const isPickle = bytes[0] === PICKLE && bytes.length > 1
  // robotmq's own reader also knows what nothing at all means, and what is no bytes.
  if (isPickle || !(bytes.length > 0)) return decodeRobotmq(bytes, options)
  try {
    return decodeMsgpack(bytes, anyReader, options)
  } catch (error) {
    throw isMalformed(error)
      ? malformed(`${error.message}; and it is not a pickle either, as those begin with 0x80`)
      : error
  }
}

function isMalformed(error: unknown): error is RmqError {
  return RmqError.isInstance(error) && error.code === 'MALFORMED_MESSAGE'
}

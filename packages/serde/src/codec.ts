import { RmqError } from './errors.ts'
import { type DeserializeOptions, decodeRobotmq } from './robotmq-decode.ts'
import { encodeRobotmq } from './robotmq-encode.ts'

/** A way to turn values into bytes and back. The `id` is what both sides must agree on. */
export interface Codec {
  readonly id: string
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/**
 * A value as the bytes that robotmq 0.1.16's `safe_serialize` gives for it, in one copy.
 *
 * @throws INVALID_ARGUMENT with the path of the first value that cannot travel: `observation.images[2]: …`
 */
export function serialize(value: unknown): Uint8Array {
  return encodeRobotmq(value, (byteLength) => new Uint8Array(byteLength))
}

/**
 * As `serialize`, into memory that is there already: the beginning of `target`, or of what `target(byteLength)` gives.
 *
 * @returns the part of it that was written
 * @throws INVALID_ARGUMENT with the path of the first value that cannot travel
 * @throws MESSAGE_TOO_LARGE when the target is too short
 */
export function serializeInto(value: unknown, target: Uint8Array | ((byteLength: number) => Uint8Array)): Uint8Array {
  return encodeRobotmq(value, (byteLength) => {
    const memory = typeof target === 'function' ? target(byteLength) : target
    if (memory.length < byteLength) {
      throw new RmqError('MESSAGE_TOO_LARGE', `the value takes ${byteLength} bytes, the target has ${memory.length}`)
    }
    return memory.subarray(0, byteLength)
  })
}

/**
 * The value of a payload that robotmq's `safe_serialize` or its older `serialize` wrote. Nothing in it ever runs.
 * Arrays and bytes are windows on `bytes` where alignment and byte order allow: keep `bytes`, or `copy()` them.
 *
 * @returns null for no bytes at all, as robotmq does
 * @throws MALFORMED_MESSAGE when it is damaged, or costs more to read than its size justifies
 * @throws UNSAFE_PAYLOAD when reading it would need Python to run something
 */
export function deserialize(bytes: Uint8Array, options?: DeserializeOptions): unknown {
  return decodeRobotmq(bytes, options)
}

/** robotmq's payloads as a `Codec`. */
export const robotmqCodec: Codec = {
  id: 'robotmq',
  encode: serialize,
  decode: (bytes) => deserialize(bytes),
}

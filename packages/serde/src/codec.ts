import type { DecodeOptions } from './decode-options.ts'
import type { Encoded } from './encoded.ts'
import { RmqError } from './errors.ts'
import { freshBytes } from './fresh-bytes.ts'

/** Memory to write into: bytes, of which the beginning is used, or what this gives for the length that is needed. */
export type Target = Uint8Array | ((byteLength: number) => Uint8Array)

/** A way to turn values into bytes and back. The `id` is what both sides must agree on. */
export interface Codec {
  readonly id: string

  /**
   * The value as bytes of their own.
   *
   * @throws INVALID_ARGUMENT with the path of the first value that cannot travel: `observation.images[2]: …`
   */
  encode(value: unknown): Uint8Array

  /**
   * As `encode`, into memory that is there already. Large arrays and bytes are copied once, from where they are.
   *
   * @returns the part of it that was written
   * @throws MESSAGE_TOO_LARGE when the target is too short
   */
  encodeInto(value: unknown, target: Target): Uint8Array

  /** The bytes that `encode` would give, counted. */
  byteLengthOf(value: unknown): number

  /**
   * The value of a message. Arrays and bytes are windows on it where alignment and byte order allow: keep `bytes`, or
   * `copy()` them. Nothing in it ever runs.
   *
   * @throws MALFORMED_MESSAGE when it is damaged, or costs more to read than its size justifies
   * @throws UNSAFE_PAYLOAD when reading it would need Python to run something
   */
  decode(bytes: Uint8Array, options?: DecodeOptions): unknown
}

export function createCodec(
  id: string,
  prepare: (value: unknown) => Encoded,
  decode: (bytes: Uint8Array, options?: DecodeOptions) => unknown,
): Codec {
  const write = (value: unknown, target: Target): Uint8Array => {
    const encoded = prepare(value)
    try {
      return encoded.copyTo(memoryFor(encoded.byteLength, target))
    } finally {
      encoded.release()
    }
  }
  return {
    id,
    encode: (value) => write(value, freshBytes),
    encodeInto: write,
    byteLengthOf: (value) => {
      const encoded = prepare(value)
      encoded.release()
      return encoded.byteLength
    },
    decode,
  }
}

function memoryFor(byteLength: number, target: Target): Uint8Array {
  const memory = typeof target === 'function' ? target(byteLength) : target
  if (memory.length >= byteLength) return memory
  throw new RmqError('MESSAGE_TOO_LARGE', `the value takes ${byteLength} bytes, the target has ${memory.length}`)
}

import type { Codec, Target } from './codec.ts'
import { type CodecName, codecs } from './codecs.ts'
import type { DecodeOptions } from './decode-options.ts'
import { decodeDetected } from './dialects/detect.ts'
import { invalidArgument } from './errors.ts'

export interface SerializeOptions {
  /**
   * A codec, or the name of one of this package's.
   *
   * @default 'robotmq'
   */
  readonly codec?: CodecName | Codec
}

export interface DeserializeOptions extends DecodeOptions {
  /**
   * A codec, or the name of one of this package's, or `'detect'`: any of those, told apart by the bytes.
   *
   * @default 'detect'
   */
  readonly codec?: CodecName | Codec | 'detect'
}

/**
 * A value as bytes, in one copy: those that robotmq 0.1.16's `safe_serialize` gives for it, or another codec's.
 *
 * @throws INVALID_ARGUMENT with the path of the first value that cannot travel: `observation.images[2]: …`
 */
export function serialize(value: unknown, { codec = 'robotmq' }: SerializeOptions = {}): Uint8Array {
  return codecFor(codec).encode(value)
}

/**
 * As `serialize`, into memory that is there already: the beginning of `target`, or of what `target(byteLength)` gives.
 *
 * @returns the part of it that was written
 * @throws INVALID_ARGUMENT with the path of the first value that cannot travel
 * @throws MESSAGE_TOO_LARGE when the target is too short
 */
export function serializeInto(
  value: unknown,
  target: Target,
  { codec = 'robotmq' }: SerializeOptions = {},
): Uint8Array {
  return codecFor(codec).encodeInto(value, target)
}

/**
 * The bytes that `serialize` would give, counted.
 *
 * @throws INVALID_ARGUMENT with the path of the first value that cannot travel
 */
export function byteLengthOf(value: unknown, { codec = 'robotmq' }: SerializeOptions = {}): number {
  return codecFor(codec).byteLengthOf(value)
}

/**
 * The value of a message, of whichever codec wrote it. Nothing in it ever runs. Arrays and bytes are windows on `bytes`
 * where alignment and byte order allow: keep `bytes`, or `copy()` them.
 *
 * @returns null for no bytes at all, as robotmq does
 * @throws MALFORMED_MESSAGE when it is damaged, or costs more to read than its size justifies
 * @throws UNSAFE_PAYLOAD when reading it would need Python to run something
 */
export function deserialize(bytes: Uint8Array, options: DeserializeOptions = {}): unknown {
  const { codec = 'detect' } = options
  return codec === 'detect' ? decodeDetected(bytes, options) : codecFor(codec).decode(bytes, options)
}

function codecFor(codec: CodecName | Codec): Codec {
  if (typeof codec !== 'string') return codec
  if (!Object.hasOwn(codecs, codec)) {
    throw invalidArgument(`there is no codec '${codec}': ${Object.keys(codecs).join(', ')} there are`)
  }
  return codecs[codec]
}

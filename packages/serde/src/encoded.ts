import { invalidArgument } from './errors.ts'

/** A value that is ready to be written: its length is known, and large bytes still lie where the caller has them. */
export interface Encoded {
  readonly byteLength: number
  /** Writes it to the beginning of `target`, which has room for it, and gives the part that was written. */
  copyTo(target: Uint8Array): Uint8Array
  /** Gives the memory back to the next value. To be called once, and nothing after it. */
  release(): void
}

/** Large bytes of a message, which are not copied until the message is. */
export interface Blob {
  /** Where in the message without its blobs they belong. */
  readonly at: number
  readonly bytes: Uint8Array
}

/**
 * Puts a message together in `target` and gives the part that was written.
 *
 * @throws INVALID_ARGUMENT when a blob has another length than it had, as memory that was not written could be sent
 */
export function copyMessage(
  target: Uint8Array,
  small: Uint8Array,
  blobs: readonly Blob[],
  byteLength: number,
): Uint8Array {
  let from = 0
  let to = 0
  for (const { at, bytes } of blobs) {
    target.set(small.subarray(from, at), to)
    to += at - from
    from = at
    target.set(bytes, to)
    to += bytes.length
  }
  if (to + small.length - from !== byteLength) throw invalidArgument('an array changed while its message was written')
  target.set(small.subarray(from), to)
  return target.subarray(0, byteLength)
}

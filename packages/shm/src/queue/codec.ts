import { createHash } from 'node:crypto'
import { RmqError } from '@rmq/core'

/** How values become the bytes of an item, and again values. */
export interface QueueCodec<T> {
  /**
   * Names the encoding. A mark made of it lies beside each item: who would decode an item by another codec is told so,
   * and the item stays.
   */
  readonly id: string
  encode(value: T): Uint8Array
  /** @param bytes of one item; they are the codec's to keep */
  decode(bytes: Uint8Array): T
}

/** What queues without a codec do: items are bytes. */
export const bytesCodec: QueueCodec<Uint8Array> = {
  id: 'bytes',
  encode: (bytes) => bytes,
  decode: (bytes) => bytes,
}

/** The mark: 32 bits of the id's hash; 0 for bytes as they are. */
export function codecTag({ id }: Pick<QueueCodec<unknown>, 'id'>): number {
  if (id === bytesCodec.id) return 0
  return createHash('sha256').update(id).digest().readUInt32LE() || 1
}

/** @throws INVALID_ARGUMENT */
export function requireCodec(codec: unknown): void {
  const { id, encode, decode } = (codec ?? {}) as Partial<QueueCodec<unknown>>
  if (typeof id === 'string' && id !== '' && typeof encode === 'function' && typeof decode === 'function') return
  throw new RmqError('INVALID_ARGUMENT', 'codec must be { id, encode, decode }, with an id that is not empty.')
}

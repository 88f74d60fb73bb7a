import { markAsUntransferable } from 'node:worker_threads'
import type { NativeItems } from '../native/addon-types.ts'

/** Items up to here go through the addon's memory, which is cheaper for JavaScript than to show it an item's own. */
export const SMALL_BYTES = 4096

// `length` of a Uint8Array is its bytes, and ten times as fast to ask for as `byteLength`.

/** Small items, one behind the other, as the addon finds and leaves them. */
export class PackedItems {
  /** How many there may be. */
  readonly most: number
  readonly #bytes: Uint8Array
  readonly #lengths: Uint32Array

  /** @param bytes followed by the lengths in the same ArrayBuffer */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#lengths = new Uint32Array(bytes.buffer, bytes.byteLength)
    this.most = this.#lengths.length
  }

  /** As many as have room, up to the first large one. @returns the index behind the last */
  pack(items: readonly Uint8Array[], from: number): number {
    const bytes = this.#bytes
    const lengths = this.#lengths
    const room = bytes.length
    const end = Math.min(items.length, from + this.most)
    let used = 0
    let at = from
    for (; at < end; at++) {
      const item = items[at]!
      const { length } = item
      if (length > SMALL_BYTES || used + length > room) break
      bytes.set(item, used)
      lengths[at - from] = length
      used += length
    }
    return at
  }

  /**
   * Copies of the first `count`, for the caller to keep. They lie in one ArrayBuffer, which is not to be transferred
   * with one of them: the others would be gone.
   */
  appendTo(items: Uint8Array[], count: number): void {
    let used = 0
    for (let i = 0; i < count; i++) used += this.#lengths[i]!
    const { buffer } = this.#bytes.slice(0, used)
    markAsUntransferable(buffer)
    let at = 0
    for (let i = 0; i < count; i++) {
      const length = this.#lengths[i]!
      items.push(new Uint8Array(buffer, at, length))
      at += length
    }
  }
}

/** @returns the index behind the large items from this one on */
export function endOfLarge(items: readonly Uint8Array[], from: number): number {
  let at = from
  while (at < items.length && items[at]!.length > SMALL_BYTES) at++
  return at
}

/** Each item in memory of its own. */
export function unpack({ packed, lengths, large, skippedLarge }: NativeItems): Uint8Array[] {
  const bytes = new Uint8Array(packed)
  const items: Uint8Array[] = []
  let at = 0
  let nextLarge = skippedLarge
  for (const length of lengths) {
    if (length > SMALL_BYTES) {
      items.push(new Uint8Array(large[nextLarge++]!))
    } else {
      items.push(bytes.slice(at, at + length))
      at += length
    }
  }
  return items
}

import type { NativeItems } from '../native/addon-types.ts'

/** Items up to here go through the addon's memory, which is cheaper for JavaScript than to show it an item's own. */
export const SMALL_BYTES = 4096

// `length` of a Uint8Array is its bytes, and ten times as fast to ask for as `byteLength`.

/** Lays small items behind one another where the addon finds them. */
export class Packer {
  readonly #bytes: Uint8Array
  readonly #lengths: Uint32Array

  /** @param bytes followed by the lengths in the same ArrayBuffer */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#lengths = new Uint32Array(bytes.buffer, bytes.byteLength)
  }

  /** As many as have room, up to the first large one. @returns the index behind the last */
  pack(items: readonly Uint8Array[], from: number): number {
    let used = 0
    let at = from
    for (; at < items.length && at - from < this.#lengths.length; at++) {
      const item = items[at]!
      if (item.length > SMALL_BYTES || used + item.length > this.#bytes.byteLength) break
      this.#bytes.set(item, used)
      this.#lengths[at - from] = item.length
      used += item.length
    }
    return at
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

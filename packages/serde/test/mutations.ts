/** Mulberry32: the same numbers each run. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** The bytes with one to three small damages, and perhaps cut off. */
export function damaged(original: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = original.slice()
  for (let change = random(3); change >= 0; change--) {
    const at = random(bytes.length)
    if (random(2) === 0) bytes[at] = random(256)
    else bytes.copyWithin(at, random(bytes.length), random(bytes.length))
  }
  return random(4) === 0 ? bytes.slice(0, random(bytes.length)) : bytes
}

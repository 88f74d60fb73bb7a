import { invalidArgument } from './errors.ts'

const float32 = new Float32Array(1)
const float32Bits = new Uint32Array(float32.buffer)

/** The number that 16 bits of bfloat16 stand for: they are the upper half of a float32. */
export function bfloat16ToNumber(bits: number): number {
  float32Bits[0] = bits << 16
  return float32[0]!
}

/** The nearest bfloat16 as its 16 bits, ties to even; by way of float32, as torch does it. */
export function numberToBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0
  float32[0] = value
  const bits = float32Bits[0]!
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

/** Numbers in bfloat16, as a `Float32Array` has them in float32: a window on their bits. */
export class Bfloat16Array implements Iterable<number> {
  readonly bits: Uint16Array

  constructor(bits: Uint16Array) {
    this.bits = bits
  }

  /** Rounds numbers to bfloat16. */
  static from(values: Iterable<number>): Bfloat16Array {
    return new Bfloat16Array(Uint16Array.from(values, numberToBfloat16))
  }

  get length(): number {
    return this.bits.length
  }

  /** The number at an index, of which negative ones count from the end; undefined beyond. */
  at(index: number): number | undefined {
    const bits = this.bits.at(index)
    return bits === undefined ? undefined : bfloat16ToNumber(bits)
  }

  /** @throws INVALID_ARGUMENT when the index is out of range */
  set(index: number, value: number): void {
    if (!(index in this.bits)) throw invalidArgument(`index ${index} is out of range for ${this.length} numbers`)
    this.bits[index] = numberToBfloat16(value)
  }

  /** The same numbers, exactly. */
  toFloat32Array(): Float32Array<ArrayBuffer> {
    const words = new Uint32Array(this.length)
    for (let i = 0; i < words.length; i++) words[i] = this.bits[i]! << 16
    return new Float32Array(words.buffer)
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (const bits of this.bits) yield bfloat16ToNumber(bits)
  }
}

const float64 = new Float64Array(1)
const float64Words = new Uint32Array(float64.buffer)
const HIGH_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0

const SMALLEST_NORMAL = 2 ** -14
const SUBNORMAL_STEP = 2 ** -24
/** Halfway between the largest float16, 65504, and the next power of two: from here on it is infinity. */
const OVERFLOW = 65520

let numbers: Float64Array | undefined

/** The number that 16 bits of IEEE 754 binary16 stand for. */
export function float16ToNumber(bits: number): number {
  numbers ??= Float64Array.from({ length: 2 ** 16 }, (_, i) => computeNumber(i))
  return numbers[bits]!
}

function computeNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * SUBNORMAL_STEP
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}

/** The nearest float16 as its 16 bits, ties to even, straight from the double (by way of float32 it would round twice). */
export function numberToFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (magnitude >= OVERFLOW) return sign | 0x7c00
  if (magnitude < SMALLEST_NORMAL) return sign | roundHalfEven(magnitude / SUBNORMAL_STEP)
  float64[0] = magnitude
  const high = float64Words[HIGH_WORD]!
  // Of the double's 52 bits of fraction 10 stay; the other 42 decide, first those in the high word.
  const half = (high >>> 10) - ((1023 - 15) << 10)
  const rest = high & 0x3ff
  const isTie = rest === 0x200 && float64Words[1 - HIGH_WORD] === 0
  const up = isTie ? half & 1 : rest >> 9
  // A fraction that rounds up to 1024 carries into the exponent, as it should.
  return sign | (half + up)
}

/** Adding 2^52 leaves a double no room for a fraction, so the processor rounds it off. */
function roundHalfEven(value: number): number {
  return value + 2 ** 52 - 2 ** 52
}

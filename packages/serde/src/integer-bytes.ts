/** The shortest two's complement form of an integer, little endian: at least one byte, as pickle's LONG1 has it. */
export function integerToBytes(value: bigint): Uint8Array {
  // A negative number needs as many bits as its complement.
  const magnitude = value < 0n ? ~value : value
  const digits = magnitude.toString(16)
  const bits = (digits.length - 1) * 4 + Number.parseInt(digits[0]!, 16).toString(2).length
  const length = (magnitude === 0n ? 0 : bits >> 3) + 1
  const hex = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0')
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(hex.slice(-2 * i - 2, hex.length - 2 * i), 16)
  return bytes
}

/** The integer that `bytes.subarray(start, end)` stands for: a number where that is exact, else a bigint. */
export function bytesToInteger(bytes: Uint8Array, start: number, end: number): number | bigint {
  if (end - start <= 6) {
    let value = 0
    for (let at = end - 1; at >= start; at--) value = value * 256 + bytes[at]!
    return end > start && bytes[end - 1]! >= 0x80 ? value - 256 ** (end - start) : value
  }
  const hex: string[] = []
  for (let at = end - 1; at >= start; at--) hex.push(HEX[bytes[at]!]!)
  const value = BigInt.asIntN((end - start) * 8, BigInt(`0x${hex.join('')}`))
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

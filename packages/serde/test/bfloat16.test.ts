import { describe, expect, it } from 'vitest'
import { bfloat16ToNumber, numberToBfloat16 } from '../src/bfloat16.ts'
import { Bfloat16Array, deserialize, NDArray, serialize, TorchTensor } from '../src/index.ts'

describe('bfloat16', () => {
  it('every one is a number that becomes it again', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = bfloat16ToNumber(bits)
      if (Number.isNaN(value)) expect(numberToBfloat16(value)).toBe(0x7fc0)
      else expect(numberToBfloat16(value)).toBe(bits)
    }
  })

  it('rounds to the nearest, ties to even', () => {
    const step = 2 ** -7
    const rounded = [
      1 + step / 2,
      1 + (3 * step) / 2,
      1 + step / 2 + 2 ** -20,
      -1 - step * 0.51,
      3.4e38,
      -3.4e38,
      1e-45,
    ]
    expect([...Bfloat16Array.from(rounded)]).toEqual([1, 1 + 2 * step, 1 + step, -1 - step, Infinity, -Infinity, 0])
  })

  it('is read and written in place within a tensor', () => {
    const sent = TorchTensor.fromBfloat16(Bfloat16Array.from([1.5, -2, 0.1, 4]), [2, 2])
    const bytes = serialize({ weights: sent })
    const { weights } = deserialize(bytes) as { weights: TorchTensor }
    const numbers = weights.bfloat16()
    expect(numbers.length).toBe(4)
    expect([numbers.at(0), numbers.at(-1), numbers.at(4)]).toEqual([1.5, 4, undefined])
    expect([...numbers]).toEqual([1.5, -2, 0.10009765625, 4])
    expect(numbers.toFloat32Array()).toEqual(Float32Array.from(numbers))
    expect(weights.toNDArray().toNested()).toEqual([
      ...(NDArray.from([
        [1.5, -2],
        [0.10009765625, 4],
      ]).toNested() as []),
    ])
    sent.bfloat16().set(1, 7)
    expect(sent.bfloat16().at(1)).toBe(7)
    expect(() => numbers.set(4, 1)).toThrow(/out of range/)
    expect(() => TorchTensor.fromNDArray(NDArray.from([1], 'float32')).bfloat16()).toThrow(/float32, not bfloat16/)
  })
})

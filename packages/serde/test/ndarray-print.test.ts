import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dtype, NDArray } from '../src/index.ts'
import { shortestDecimal } from '../src/print/decimal.ts'
import { havePython, PythonPeer } from './python-peer.ts'

interface Case {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly hex: string
  readonly str: string
  readonly repr: string
}

const GOLDEN = new URL('../testdata/print/golden.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { readonly cases: readonly Case[] }

describe('an array prints as with numpy 2.4', () => {
  it.each(cases)('$dtype $shape (%#)', ({ dtype, shape, hex, str, repr }) => {
    const array = NDArray.fromBytes(new Uint8Array(Buffer.from(hex, 'hex')), dtype, shape)
    expect(String(array)).toBe(str)
    expect(inspect(array)).toBe(repr)
  })

  it('as a view', () => {
    const array = NDArray.from([
      [1, 2],
      [3, 4.5],
    ])
    expect(`${array.transpose()}`).toBe('[[1.  3. ]\n [2.  4.5]]')
    expect(inspect({ array })).toBe('{\n  array: array([[1. , 2. ],\n         [3. , 4.5]])\n}')
  })
})

/** numpy 1 writes large float32 and the shape of long arrays in another way: those are left to the golden file. */
const moderate = fc.integer({ min: -900_000, max: 900_000 }).map((value) => value / 1000)
const floats = fc.oneof(
  moderate,
  fc.double(),
  fc.tuple(fc.integer(), fc.integer({ min: -12, max: 12 })).map(([digits, exponent]) => digits * 10 ** exponent),
  fc.integer({ min: -60, max: 60 }).map((exponent) => 2 ** exponent),
  fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN),
)
const notTiny = moderate.filter((value) => value === 0 || Math.abs(value) >= 0.001)
const DTYPES = {
  float64: floats,
  float32: fc.oneof({ weight: 9, arbitrary: notTiny }, { weight: 1, arbitrary: fc.constantFrom(Infinity, -0, NaN) }),
  float16: notTiny,
  int64: fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-99n, 999n)),
  uint8: fc.nat(255),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  bool: fc.boolean(),
} as const
const SHAPES = [[], [1], [5], [30], [120], [3, 4], [2, 3, 4], [2, 1, 3, 2], [0], [2, 0], [9, 9]]

const arrays = fc.constantFrom(...(Object.keys(DTYPES) as (keyof typeof DTYPES)[])).chain((name) =>
  fc.constantFrom(...SHAPES).chain((shape) => {
    const length = shape.reduce((size, axis) => size * axis, 1)
    const elements: fc.Arbitrary<unknown[]> = fc.array(DTYPES[name] as fc.Arbitrary<unknown>, {
      minLength: length,
      maxLength: length,
    })
    return elements.map((values) => NDArray.from(values, name).reshape(...shape))
  }),
)

describe.skipIf(!havePython())('with real numpy', () => {
  let python: PythonPeer
  beforeAll(() => {
    python = new PythonPeer()
  })
  afterAll(() => python.close())

  it('str and repr are the same', async () => {
    await fc.assert(
      fc.asyncProperty(arrays, async (array) => {
        const numpy = `np.frombuffer(data, "${array.dtype.str}").reshape(${JSON.stringify(array.shape)})`
        const both = await python.evaluate(`(lambda a: [str(a), repr(a)])(${numpy})`, array.toBytes())
        expect([String(array), inspect(array)]).toEqual(both)
      }),
      { seed: 20_261_121, numRuns: 400 },
    )
  })

  it('the shortest decimals are the same, also of powers of two, next to which floats are not evenly spread', async () => {
    const mixed = fc.sample(floats, { seed: 20_261_121, numRuns: 300 }).map(Math.abs)
    for (const [name, low, high] of [
      ['float16', -24, 16],
      ['float32', -149, 128],
      ['float64', -1074, 1024],
    ] as const) {
      const powers = Array.from({ length: high - low }, (_, i) => 2 ** (low + i))
      const numbers = NDArray.from([...powers, ...mixed], name).toNested() as number[]
      const values = numbers.filter((value) => value < Infinity)
      const shortest = "[np.format_float_scientific(value, trim='-', exp_digits=1) for value in"
      const theirs = `${shortest} np.frombuffer(data, "${dtype(name).str}")]`
      const ours = values.map((value) => {
        const { digits, exponent } = shortestDecimal(value, name)
        const point = digits.length > 1 ? '.' : ''
        return `${digits[0]}${point}${digits.slice(1)}e${exponent < 0 ? '' : '+'}${exponent}`
      })
      expect(ours).toEqual(await python.evaluate(theirs, NDArray.from(values, name).toBytes()))
    }
  })
})

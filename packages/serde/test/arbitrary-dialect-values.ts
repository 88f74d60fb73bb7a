import fc from 'fast-check'
import {
  type CodecName,
  Complex,
  dtype,
  float,
  NDArray,
  type NumericDTypeName,
  NumpyScalar,
  StructType,
  StructuredArray,
} from '../src/index.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary-ascii', maxLength: 80 }),
  fc.string({ unit: 'grapheme', minLength: 40, maxLength: 300 }),
  fc.constantFrom('image', 'joints', '__proto__', '', 'nd', 'data'),
)

const number = fc.oneof(
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(0, -0, 127, 128, -32, -33, 2 ** 31, 2 ** 32, -(2 ** 31) - 1),
)

const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })
const bytes = fc.uint8Array({ maxLength: 300 })
const time = fc.date({ noInvalidDate: true })

const NUMBERS: readonly NumericDTypeName[] = [
  ...(['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const),
  ...(['float16', 'float32', 'float64'] as const),
]
const OTHERS = ['S5', 'U3']

function arrayOf(dtypes: readonly string[]): fc.Arbitrary<NDArray> {
  return fc
    .tuple(
      fc.constantFrom(...dtypes),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }),
      fc.constantFrom('as it is', 'other order', 'transposed', 'every other'),
      fc.integer(),
    )
    .map(([name, shape, form, seed]) => {
      const zeros: NDArray = NDArray.zeros(shape, dtype(name) as never)
      const { str } = zeros.dtype
      const filling = Uint8Array.from({ length: zeros.byteLength }, (_, i) => byteFor(zeros, i, seed))
      const array = NDArray.fromBytes(filling, form === 'other order' ? str.replace('<', '>') : str, shape)
      if (form === 'transposed') return array.transpose()
      return form === 'every other' && shape.length > 0 ? array.slice([null, null, 2]) : array
    })
}

/** Bytes that make valid elements: a bool is 0 or 1, text is ASCII. */
function byteFor({ dtype }: NDArray, i: number, seed: number): number {
  if (dtype.kind === 'b') return i & 1
  if (dtype.kind === 'U') return i % 4 === (dtype.byteOrder === '<' ? 0 : 3) ? 0x41 + (i % 20) : 0
  return (i * seed) >> 3
}

const complex = fc.tuple(fc.double(), fc.double()).map(([re, im]) => new Complex(re, im))

const scalar = fc
  .tuple(fc.constantFrom(...NUMBERS), fc.integer({ min: 0, max: 100 }))
  .map(([name, value]) => new NumpyScalar(name === 'bool' ? value > 50 : value, name))
const complexScalar = complex.map((value) => new NumpyScalar(value, 'complex128'))

const records = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer()).map(([length, seed]) => {
  const type = new StructType([
    ['id', '<i4'],
    [
      'pose',
      [
        ['xyz', '>f8', [3]],
        ['ok', '|b1'],
      ] as const,
    ],
    ['name', '|S4'],
  ])
  const filling = Uint8Array.from({ length: length * type.itemSize }, (_, i) => (i * seed) & 1)
  return new StructuredArray(type, [length, 1].slice(0, 2), filling)
})

/** What each dialect carries beyond plain msgpack. */
const ARRAYS: { readonly [codec in CodecName]?: readonly fc.Arbitrary<unknown>[] } = {
  'msgpack-numpy': [
    arrayOf([...NUMBERS, 'complex64', 'complex128', ...OTHERS]),
    scalar,
    complexScalar,
    complex,
    records,
  ],
  openpi: [arrayOf([...NUMBERS, 'M8[us]', 'm8[s]', ...OTHERS]), scalar],
  groot: [arrayOf([...NUMBERS, 'complex64', 'M8[us]', ...OTHERS]), records],
}

/** Values that a codec carries, and that come back as they are. */
export function dialectValues(codec: CodecName): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(
    ...[fc.constant(null), fc.boolean(), number, number.map(float), bigint, text, bytes, time],
    ...(ARRAYS[codec] ?? []),
  )
  // Keys that Python would take for one another, such as 1 and True, are kept apart.
  const key = fc.oneof(text, fc.integer({ min: 2 }), fc.uint8Array({ minLength: 7, maxLength: 40 }))
  return fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('container')),
    container: fc.oneof(
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(text, tie('value'), { maxKeys: 20 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(mapOf),
    ),
  })).value
}

/** With distinct keys, and one that is no string, as it would be an object otherwise. */
function mapOf(entries: readonly (readonly [unknown, unknown])[]): Map<unknown, unknown> {
  const distinct = new Map(entries.map(([key, value]) => [String(key), [key, value] as const]))
  return new Map<unknown, unknown>([[1, null], ...distinct.values()])
}

import fc from 'fast-check'
import { float, NDArray, type NumericDTypeName, tuple } from '../src/index.ts'

const number = fc.oneof(
  fc.integer({ min: -70_000, max: 70_000 }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(0, -0, 255, 256, 65535, 65536, 2 ** 31, -(2 ** 31) - 1),
)

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 40, maxLength: 400 }),
  // Lone surrogates too.
  fc.array(fc.integer({ min: 0xd700, max: 0xe000 }), { maxLength: 60 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom('image', 'joints', '__proto__', ''),
)

const bytes = fc.uint8Array({ maxLength: 300 })

const SENDABLE: readonly NumericDTypeName[] = [
  'bool',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float16',
  'float32',
  'float64',
]

const array = fc
  .tuple(
    fc.constantFrom(...SENDABLE),
    fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }),
    fc.boolean(),
    fc.integer(),
  )
  .map(([name, shape, foreign, seed]) => {
    const zeros = NDArray.zeros(shape, name)
    const { str } = zeros.dtype
    const bytes = Uint8Array.from({ length: zeros.byteLength }, (_, i) => (name === 'bool' ? i & 1 : (i * seed) >> 3))
    return NDArray.fromBytes(bytes, foreign ? str.replace('<', '>') : str, shape)
  })

const leaf = fc.oneof(fc.constant(null), fc.boolean(), number, number.map(float), fc.bigInt(), text, bytes, array)

const key = fc.oneof(text, fc.integer(), fc.constant(null), fc.tuple(fc.integer(), text))

/** Values that can be sent, and that come back as they are. */
export const sendableValues: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaf, tie('container')),
  container: fc.oneof(
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(text, tie('value'), { maxKeys: 6 }),
    fc.array(fc.tuple(key, tie('value')), { minLength: 1, maxLength: 4 }).map((entries) => mapOf(entries)),
    // A tuple of three could be an array, which is tested elsewhere.
    fc.array(tie('value'), { minLength: 4, maxLength: 6 }).map((items) => tuple(...items)),
  ),
})).value

/** With distinct keys, and one that is no string, as it would be an object otherwise. */
function mapOf(entries: readonly (readonly [unknown, unknown])[]): Map<unknown, unknown> {
  const distinct = new Map(entries.map(([key, value]) => [JSON.stringify(key), [key, value] as const]))
  return new Map<unknown, unknown>([...distinct.values(), [12_345, null]])
}

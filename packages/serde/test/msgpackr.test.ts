import fc from 'fast-check'
import { Packr, Unpackr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { Float, msgpackCodec } from '../src/index.ts'

// Records are msgpackr's own extension; typed arrays would be written truncated.
const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'auto' })

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, -32, -33, -128, -129, -32768, -32769),
)
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'grapheme', minLength: 30, maxLength: 400 }),
)
// A number key, __proto__ and undefined are where the two differ by design.
const key = text.filter((key) => key !== '__proto__')
const plainValues: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), number, text, fc.uint8Array({ maxLength: 300 })),
    fc.array(tie('value'), { maxLength: 40 }),
    fc.dictionary(key, tie('value'), { maxKeys: 40 }),
  ),
})).value

/** What msgpackr reads as Buffers are bytes. */
function withoutBuffers(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) return value.map(withoutBuffers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBuffers(item)]))
}

describe('differences from msgpackr', () => {
  it('none in what is read, whoever wrote it', () => {
    fc.assert(
      fc.property(plainValues, (value) => {
        const ours = msgpackCodec.encode(value)
        const theirs = new Uint8Array(packr.pack(value))
        expect(withoutBuffers(unpackr.unpack(ours))).toEqual(msgpackCodec.decode(ours))
        expect(msgpackCodec.decode(theirs)).toEqual(value)
        expect(withoutBuffers(unpackr.unpack(theirs))).toEqual(value)
      }),
      { seed: 20_261_121, numRuns: 1000 },
    )
  })

  it('integers of 64 bits, times and floats of 32 bits', () => {
    const wide = [2n ** 64n - 1n, -(2n ** 63n), 2 ** 40, -(2 ** 40), Number.MAX_SAFE_INTEGER]
    const times = [0, 1, 1234, 2 ** 33 * 1000, -5000].map((ms) => new Date(ms))
    for (const value of [...wide, ...times]) {
      expect(unpackr.unpack(msgpackCodec.encode(value))).toEqual(value)
      expect(msgpackCodec.decode(new Uint8Array(packr.pack(value)))).toEqual(value)
    }
    const singles = new Packr({ useRecords: false, useFloat32: 3 })
    expect(msgpackCodec.decode(singles.pack([1.5, 0.1]))).toEqual(unpackr.unpack(singles.pack([1.5, 0.1])))
    expect(msgpackCodec.decode(new Uint8Array([0xca, 0x40, 0, 0, 0]), { floats: 'keep' })).toEqual(new Float(2))
  })
})

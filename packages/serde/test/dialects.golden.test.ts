import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type CodecName,
  Complex,
  codecs,
  deserialize,
  dtype,
  NDArray,
  NumpyScalar,
  readNpy,
  readNpz,
  serialize,
  writeNpy,
} from '../src/index.ts'
import { fromHex, hex } from './describe.ts'
import { describeDialectValue } from './describe-dialect.ts'
import { DIALECT_GOLDEN, isMessage } from './dialect-golden.ts'

const KEEP = { floats: 'keep', scalars: 'keep' } as const
const refusedAs = (value: unknown) => (value as { refused?: string } | null)?.refused
const of = (...codecs: string[]) => DIALECT_GOLDEN.filter(({ codec }) => codecs.includes(codec))

describe('messages that Python wrote', () => {
  for (const { codec, name, hex: bytes, value } of DIALECT_GOLDEN.filter(isMessage)) {
    if (bytes === undefined) continue
    const refused = refusedAs(value)
    if (refused !== undefined) {
      it(`${codec} ${name} is refused`, () => {
        const expected = expect.objectContaining({ code: refused, message: 'object arrays carry pickles' })
        expect(() => codecs[codec].decode(fromHex(bytes))).toThrow(expected)
        expect(() => deserialize(fromHex(bytes))).toThrow(expected)
      })
      continue
    }
    it(`${codec} ${name} is read, recognised, and written byte for byte`, () => {
      const read = codecs[codec].decode(fromHex(bytes), KEEP)
      expect(describeDialectValue(read)).toEqual(value)
      expect(describeDialectValue(deserialize(fromHex(bytes), KEEP))).toEqual(value)
      expect(hex(codecs[codec].encode(read))).toBe(bytes)
    })
  }
})

describe('what Python refuses is refused', () => {
  const VALUES: { readonly [name: string]: unknown } = {
    arr_M: NDArray.zeros([1], dtype('M8[D]') as never),
    arr_m: NDArray.zeros([1], dtype('m8[25us]') as never),
    sc_c8: new NumpyScalar(new Complex(1, 2), 'complex64'),
    sc_c16: new NumpyScalar(new Complex(1, 2), 'complex128'),
    complex: new Complex(1, 2),
    scalar: new NumpyScalar(1.5, 'float32'),
    arr_f4: new Float32Array(1),
  }

  for (const { codec, name, refusedByPython } of DIALECT_GOLDEN.filter(isMessage)) {
    if (refusedByPython === undefined || name.includes('object')) continue
    it(`${codec} ${name}: ${refusedByPython}`, () => {
      // msgpack-numpy sends what openpi refuses.
      const sendable = DIALECT_GOLDEN.find((entry) => entry.codec === 'msgpack-numpy' && entry.name === name)?.hex
      const value = sendable === undefined ? VALUES[name] : deserialize(fromHex(sendable), KEEP)
      expect(value).toBeDefined()
      expect(() => serialize({ observation: [value] }, { codec })).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('observation[0]') }),
      )
    })
  }
})

describe('long messages have the bytes that Python writes', () => {
  const range = (length: number) => Array.from({ length }, (_, i) => i)
  const keyed = (length: number) => Object.fromEntries(range(length).map((i) => [`k${i}`, i]))
  const VALUES: { readonly [name: string]: unknown } = {
    arr_100k: Uint16Array.from(range(100_000)),
    image_big: {
      image: NDArray.fromBytes(
        Uint8Array.from(range(48 * 64 * 3), (i) => i % 251),
        'uint8',
        [48, 64, 3],
      ),
    },
    text: [
      ...['', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(255), 'x'.repeat(256)],
      ...['é'.repeat(15), 'é'.repeat(16), '日😀'.repeat(20)],
    ],
    text_65536: 'x'.repeat(65536),
    text_unicode_30000: '日'.repeat(30000),
    bytes_65536: new Uint8Array(65536),
    list_65536: new Array(65536).fill(null),
    dict_65536: keyed(65536),
  }

  for (const { codec, name, length, sha256 } of DIALECT_GOLDEN.filter(isMessage)) {
    if (sha256 === undefined) continue
    it(`${codec} ${name}`, () => {
      expect(VALUES).toHaveProperty([name])
      const written = codecs[codec].encode(VALUES[name])
      expect(written.length).toBe(length)
      expect(createHash('sha256').update(written).digest('hex')).toBe(sha256)
      expect(describeDialectValue(codecs[codec].decode(written))).toEqual(describeDialectValue(VALUES[name]))
    })
  }
})

describe('.npy files that numpy wrote', () => {
  for (const { name, hex: bytes, sha256, value } of of('npy')) {
    if (bytes === undefined) {
      it(`${name} is written byte for byte`, () => {
        const file = writeNpy(NDArray.fromData(Uint16Array.from({ length: 100_000 }, (_, i) => i)))
        expect(createHash('sha256').update(file).digest('hex')).toBe(sha256)
      })
    } else if (refusedAs(value) !== undefined) {
      it(`${name} is refused`, () => {
        expect(() => readNpy(fromHex(bytes))).toThrow(
          expect.objectContaining({ code: refusedAs(value), message: 'object arrays carry pickles' }),
        )
      })
    } else {
      it(`${name} is read${name === 'npy_struct_title' ? '' : ', and written byte for byte'}`, () => {
        const array = readNpy(fromHex(bytes))
        expect(describeDialectValue(array)).toEqual(value)
        // A title is one more name of a field; only the name itself is kept.
        if (name !== 'npy_struct_title') expect(hex(writeNpy(array))).toBe(bytes)
      })
    }
  }
})

describe('.npz files that numpy wrote', () => {
  it.each(of('savez', 'savez_compressed'))('$name ($codec)', ({ hex: bytes, name, value }) => {
    if (name !== 'npz_object') expect(describeDialectValue(readNpz(fromHex(bytes!)))).toEqual(value)
    else {
      expect(() => readNpz(fromHex(bytes!))).toThrow(
        expect.objectContaining({ code: 'UNSAFE_PAYLOAD', message: 'bad: object arrays carry pickles' }),
      )
    }
  })
})

it('covers every codec', () => {
  const names: CodecName[] = ['msgpack-numpy', 'openpi', 'groot', 'msgpack']
  for (const name of names) expect(of(name).length).toBeGreaterThan(15)
})

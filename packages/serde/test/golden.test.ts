import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deserialize, RmqError, serialize } from '../src/index.ts'
import { describeValue, fromHex, hex, withoutTuples } from './describe.ts'
import { GOLDEN_VALUES } from './golden-values.ts'

interface GoldenEntry {
  readonly name: string
  readonly writer: string
  readonly expression: string
  readonly length: number
  readonly hex?: string
  readonly sha256?: string
  readonly value?: unknown
  readonly safe?: 'same' | 'other' | 'refused'
}

function readGolden(file: string): GoldenEntry[] {
  return JSON.parse(readFileSync(new URL(`../testdata/${file}`, import.meta.url), 'utf8')).entries
}

const GOLDEN = readGolden('golden.json')
const GOLDEN_NUMPY1 = readGolden('golden-numpy1.json')

describe('what robotmq writes', () => {
  for (const { name, writer, hex: bytes, value } of [...GOLDEN, ...GOLDEN_NUMPY1]) {
    if (bytes === undefined) continue
    const refused = (value as { refused?: string } | null)?.refused
    if (refused !== undefined) {
      it(`${name} (${writer}) is refused`, () => {
        expect(() => deserialize(fromHex(bytes))).toThrow(expect.objectContaining({ code: refused }))
      })
    } else {
      it(`${name} (${writer}) is read`, () => {
        expect(describeValue(deserialize(fromHex(bytes), { floats: 'keep' }))).toEqual(withoutTuples(value))
      })
    }
  }

  it('refuses code by name', () => {
    const evil = GOLDEN.find(({ name }) => name === 'refused_reduce')!
    expect(() => deserialize(fromHex(evil.hex!))).toThrow(/builtins\.eval/)
  })
})

describe('what we write', () => {
  const sendable = GOLDEN.filter(({ safe, writer }) => safe === 'same' || writer.includes('tensor'))

  for (const { name, hex: bytes, sha256, length } of sendable) {
    if (name.startsWith('refused') || name.startsWith('tensor_bad')) continue
    it(`${name} has the bytes of safe_serialize`, () => {
      expect(GOLDEN_VALUES).toHaveProperty([name])
      const written = serialize(GOLDEN_VALUES[name])
      expect(written.length).toBe(length)
      if (bytes !== undefined) expect(hex(written)).toBe(bytes)
      else expect(createHash('sha256').update(written).digest('hex')).toBe(sha256)
    })
  }

  // A bytearray arrives as bytes, a range as an array, a numpy scalar as a number: those can be sent on.
  const unsendable = GOLDEN.filter(
    ({ name, safe }) => safe === 'refused' && /^(arr|set|frozen|complex|np_dtype)/.test(name),
  )

  for (const { name, hex: bytes } of unsendable) {
    it(`${name} is refused, as by safe_serialize`, () => {
      const value = deserialize(fromHex(bytes!))
      expect(() => serialize(value)).toThrow(RmqError)
    })
  }

  for (const [name, value] of Object.entries(GOLDEN_VALUES)) {
    if (/ambiguous|longdouble/.test(name)) continue
    it(`${name} comes back`, () => {
      expect(describeValue(deserialize(serialize(value), { floats: 'keep' }))).toEqual(describeValue(value))
    })
  }
})

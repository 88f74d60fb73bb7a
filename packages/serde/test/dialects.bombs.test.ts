import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { deserialize, readNpy, readNpz } from '../src/index.ts'
import { fromHex } from './describe.ts'

const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })

function repeat(count: number, ...part: readonly number[]): Uint8Array {
  return Buffer.alloc(count * part.length, new Uint8Array(part))
}

function message(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))))
}

const HUGE = [0xff, 0xff, 0xff, 0xff]

// Each of these is a few bytes to a few megabytes that would cost far more if they were believed.
const BOMBS: { readonly [name: string]: () => Uint8Array } = {
  'a list of four billion': () => message([0xdd, ...HUGE]),
  'a map of four billion': () => message([0xdf, ...HUGE]),
  'bytes of four billion': () => message([0xc6, ...HUGE]),
  'text of four billion': () => message([0xdb, ...HUGE]),
  'an extension of four billion': () => message([0xc9, ...HUGE, 0xff]),
  'lists that all claim the rest': () => message(repeat(500, 0xdd, 0, 0x40, 0, 0), new Uint8Array(0x40_0000)),
  'maps that all claim the rest': () => message(repeat(500, 0xdf, 0, 0x10, 0, 0, 0xc0), new Uint8Array(0x40_0000)),
  'a million nested lists': () => message(repeat(1_000_000, 0x91), [0xc0]),
  'a million nested maps': () => message(repeat(1_000_000, 0x81, 0xa0), [0xc0]),
  'a million nested keys': () => message(repeat(1_000_000, 0x81), [0xc0, 0xc0]),
  'eight million empty lists': () => message([0xdd, 0, 0x7a, 0x12, 0], repeat(8_000_000, 0x90)),
  'eight million numbers': () => message([0xdd, 0, 0x7a, 0x12, 0], new Uint8Array(8_000_000)),
  'nested structured dtypes': () => {
    const start = fromHex('85c4026e64c3c40474797065')
    return message(start, repeat(400, 0x91, 0x92, 0xa1, 0x61), [0xa3, 0x7c, 0x75, 0x31])
  },
  'an array of 2^53 elements of none': () => {
    const array = fromHex('84c40b5f5f6e6461727261795f5fc3c4056474797065a25530c4057368617065')
    return message(array, fromHex('91cf001fffffffffffffc40464617461c400'))
  },
}

describe('bombs are refused', () => {
  for (const [name, make] of Object.entries(BOMBS)) {
    it(name, { timeout: 10_000 }, () => {
      const bytes = make()
      for (const codec of ['detect', 'msgpack-numpy', 'openpi', 'groot', 'msgpack'] as const) {
        if (codec === 'msgpack' && name.includes('array of')) continue
        if (codec !== 'detect' && codec !== 'openpi' && name.includes('array of')) continue
        expect(() => deserialize(bytes, { codec })).toThrow(malformed)
      }
    })
  }
})

function npy(header: string): Uint8Array {
  const bytes = Buffer.from(`\x93NUMPY\x02\0\0\0\0\0${header}\n`, 'latin1')
  bytes.writeUInt32LE(header.length + 1, 8)
  return bytes
}

function header(descr: string, shape: string): Uint8Array {
  return npy(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`)
}

describe('.npy bombs are refused', () => {
  const deep = (open: string, close: string) => `${open.repeat(100_000)}1${close.repeat(100_000)}`
  const files: [string, Uint8Array][] = [
    ['a header of four billion', message(npy(''), []).fill(0xff, 8, 12)],
    ['nested tuples', npy(deep('(', ',)'))],
    ['nested lists', npy(deep('[', ']'))],
    ['nested dictionaries', npy(deep("{'a':", '}'))],
    ['a shape without end', header("'<f4'", `(${'9,'.repeat(100_000)})`)],
    ['a shape of a billion billions', header("'<f4'", '(1000000000, 1000000000)')],
    ['elements of nothing', header("'V0'", '(1000000000,)')],
    ['records of nothing', header("[('a', '<f4', (0,))]", '(1000000000,)')],
    ['text without end', npy(`{'descr': '${'x'.repeat(1_000_000)}`)],
    ['a code to run', npy(`__import__('os').system('true')`)],
  ]

  it.each(files)('%s', { timeout: 10_000 }, (_, bytes) => {
    expect(() => readNpy(bytes)).toThrow(malformed)
  })
})

/** A zip file of one entry that claims to unpack to so many bytes. */
function zip(content: Uint8Array, claimed: number): Uint8Array {
  const name = Buffer.from('a.npy')
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(20, 0)
  fields.writeUInt16LE(8, 4)
  fields.writeUInt32LE(content.length, 14)
  fields.writeUInt32LE(claimed, 18)
  fields.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, name, content])
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, Buffer.alloc(14), name])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}

describe('.npz bombs are refused', () => {
  const zeros = (length: number) => deflateRawSync(new Uint8Array(length), { level: 9 })

  it('a small file that claims four billion bytes', () => {
    expect(() => readNpz(zip(zeros(1000), 0xffff_ffff))).toThrow(/claims to be larger|larger than 1073741824/)
    expect(() => readNpz(zip(zeros(1000), 100_000_000))).toThrow(/claims to be larger than it can be/)
  })

  it('a file that unpacks to more than it claims, and to more than is allowed', () => {
    expect(() => readNpz(zip(zeros(10_000_000), 1000))).toThrow(malformed)
    expect(() => readNpz(zip(zeros(10_000_000), 10_000_000), { maxBytes: 1_000_000 })).toThrow(
      /larger than 1000000 bytes/,
    )
    expect(() => readNpz(zip(zeros(10_000), 10_000))).toThrow(/^a: this is no .npy file/)
  })
})

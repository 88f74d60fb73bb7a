import { describe, expect, it } from 'vitest'
import { type DeserializeOptions, deserialize } from '../src/index.ts'
import { OP } from '../src/pickle-opcodes.ts'

const refused = expect.objectContaining({
  code: 'MALFORMED_MESSAGE',
  message: expect.stringMatching(/shared|nested|open marks|more than|too long/),
})

/** Opcodes and their arguments as one payload. */
function payload(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const chunks = [[OP.PROTO, 4], ...parts, [OP.STOP]]
  return new Uint8Array(
    Buffer.concat(chunks.map((chunk) => (chunk instanceof Uint8Array ? chunk : Buffer.from(chunk)))),
  )
}

function text(value: string): number[] {
  return [OP.SHORT_BINUNICODE, value.length, ...Buffer.from(value)]
}

function bytes(length: number): Uint8Array {
  const header = Buffer.from([OP.BINBYTES, 0, 0, 0, 0])
  header.writeUInt32LE(length, 1)
  return Buffer.concat([header, Buffer.alloc(length)])
}

function repeat(count: number, ...part: readonly number[]): Uint8Array {
  return Buffer.alloc(count * part.length, new Uint8Array(part))
}

/** Levels of containers, each holding the one before ten times: 10^levels values in 15 bytes a level. */
function laughs(levels: number, level: (previous: number) => number[]): Uint8Array {
  return payload([OP.MARK, ...text('ha'), OP.MEMOIZE], ...Array.from({ length: levels }, (_, i) => level(i)), [
    OP.TUPLE,
  ])
}

const tenTimes = (index: number) => Array.from({ length: 10 }, () => [OP.BINGET, index]).flat()

// Each of these is a few kilobytes to a few megabytes that would cost far more if they were believed.
const BOMBS: { readonly [name: string]: () => Uint8Array } = {
  'lists that share lists': () => laughs(30, (i) => [OP.EMPTY_LIST, OP.MEMOIZE, OP.MARK, ...tenTimes(i), OP.APPENDS]),
  'tuples that share tuples': () => laughs(30, (i) => [OP.MARK, ...tenTimes(i), OP.TUPLE, OP.MEMOIZE]),
  'dictionaries that share dictionaries': () =>
    laughs(30, (i) => [OP.EMPTY_DICT, OP.MEMOIZE, OP.MARK, ...keyed(i), OP.SETITEMS]),
  'keys that share tuples': () => {
    const keys = laughs(30, (i) => [OP.MARK, ...tenTimes(i), OP.TUPLE, OP.MEMOIZE]).slice(2, -1)
    return payload([OP.EMPTY_DICT], keys, [OP.NONE, OP.SETITEM])
  },
  'sets that share sets': () => laughs(30, (i) => [OP.MARK, ...tenTimes(i), OP.FROZENSET, OP.MEMOIZE]),
  'a list in itself': () => payload([OP.EMPTY_LIST, OP.MEMOIZE, OP.BINGET, 0, OP.APPEND]),
  'a dictionary in itself': () => payload([OP.EMPTY_DICT, OP.MEMOIZE, ...text('a'), OP.BINGET, 0, OP.SETITEM]),
  'a million nested tuples': () => payload([OP.EMPTY_TUPLE], repeat(1_000_000, OP.TUPLE1)),
  'half a million nested lists': () => payload(repeat(500_000, OP.EMPTY_LIST), repeat(499_999, OP.APPEND)),
  'a million marks': () => payload(repeat(1_000_000, OP.MARK)),
  'eight million lists': () => payload([OP.MARK], repeat(8_000_000, OP.EMPTY_LIST), [OP.TUPLE]),
  'a very long integer': () => payload([OP.LONG4, 0, 0, 0x40, 0], new Uint8Array(0x400000).fill(0x7f)),
  'one buffer as thousands of unaligned arrays': () => {
    const open = [OP.BININT, 0xff, 0xff, 0xff, 0xff, OP.TUPLE1]
    const triple = [OP.BINGET, 0, OP.BINGET, 1, ...open, OP.TUPLE3]
    const named = [bytes(100_000), [OP.MEMOIZE], text('<f8'), [OP.MEMOIZE, OP.TUPLE2]]
    return payload([OP.MARK], ...named, repeat(5000, ...triple), [OP.TUPLE])
  },
  'one buffer as thousands of big arrays': () => {
    const shape = [OP.BININT, 0x40, 0x0d, 0x03, 0x00, OP.TUPLE1]
    const triple = [OP.BINGET, 0, OP.BINGET, 1, ...shape, OP.TUPLE3]
    const named = [bytes(200_000), [OP.MEMOIZE], text('u1'), [OP.MEMOIZE, OP.TUPLE2]]
    return payload([OP.MARK], ...named, repeat(5000, ...triple), [OP.TUPLE])
  },
  'one text as thousands of numpy strings': () => {
    const make = [OP.BINGET, 1, OP.BINGET, 2, OP.BINGET, 0, OP.TUPLE2, OP.REDUCE]
    return payload(
      [OP.MARK],
      [...bytes(400_000), OP.MEMOIZE],
      [...text('numpy.core.multiarray'), ...text('scalar'), OP.STACK_GLOBAL, OP.MEMOIZE],
      [...text('numpy'), ...text('dtype'), OP.STACK_GLOBAL, ...text('U100000'), OP.TUPLE1, OP.REDUCE, OP.MEMOIZE],
      repeat(5000, ...make),
      [OP.TUPLE],
    )
  },
  'a range of a billion': () =>
    payload(
      [...text('builtins'), ...text('range'), OP.STACK_GLOBAL],
      [OP.BININT1, 0, OP.BININT, 0, 0xca, 0x9a, 0x3b, OP.BININT1, 1, OP.TUPLE3, OP.REDUCE],
    ),
}

function keyed(index: number): number[] {
  return Array.from({ length: 10 }, (_, i) => [...text(String(i)), OP.BINGET, index]).flat()
}

describe('bombs are refused', () => {
  for (const [name, make] of Object.entries(BOMBS)) {
    it(name, { timeout: 10_000 }, () => {
      expect(() => deserialize(make())).toThrow(refused)
    })
  }

  it('within the limits that the caller sets', () => {
    const nested = payload([OP.EMPTY_TUPLE], repeat(20, OP.TUPLE1))
    const limited = (options: DeserializeOptions) => () => deserialize(nested, options)
    expect(limited({})).not.toThrow()
    expect(limited({ maxDepth: 10 })).toThrow(refused)
    expect(limited({ maxValues: 5 })).toThrow(refused)
  })

  it('but honest sharing is not', () => {
    const shared = payload([OP.MARK, ...text('ha'), OP.TUPLE1, OP.MEMOIZE], repeat(9, OP.BINGET, 0), [OP.TUPLE])
    expect(deserialize(shared)).toEqual(Array.from({ length: 10 }, () => ['ha']))
  })
})

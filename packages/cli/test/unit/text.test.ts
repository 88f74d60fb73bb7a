import { Complex, NDArray } from 'robotmq'
import { describe, expect, test } from 'vitest'
import { jsonText } from '../../src/json-text.ts'
import { payloadPreview } from '../../src/payload-preview.ts'
import { printable } from '../../src/printable.ts'
import { formatTable } from '../../src/table.ts'
import { formatBytes, formatSeconds } from '../../src/units.ts'
import { valueJson } from '../../src/value-json.ts'
import { valueText } from '../../src/value-text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('printable escapes what a terminal would obey, and keeps the rest', () => {
  expect(printable('Grüße 日本\n\u001b[2J\u009b1m\u202e\ud800\t')).toBe(
    'Grüße 日本\n\\e[2J\\u{9b}1m\\u{202e}\\u{d800}\t',
  )
})

describe('payloadPreview', () => {
  test.each([
    ['text', bytes('say "hi"\n'), '"say \\"hi\\"\\n"'],
    ['nothing', new Uint8Array(0), '(empty)'],
    ['bytes', new Uint8Array([0x80, 4, 255]), '80 04 ff'],
    ['control characters', bytes('\u001b[2J'), '1b 5b 32 4a'],
    ['many bytes', new Uint8Array(17), `${'00 '.repeat(16)}…`],
    ['long text', bytes('é'.repeat(300)), `"${'é'.repeat(48)}" …`],
    ['half a character at the end', bytes('€').subarray(0, 2), 'e2 82'],
  ])('of %s', (_what, data, expected) => {
    expect(payloadPreview(data)).toBe(expected)
  })
})

test('jsonText escapes control characters that JSON leaves alone', () => {
  const text = jsonText({ a: 'x\u009b\u007f\u202e\u001b' })
  expect(text).toBe('{"a":"x\\u009b\\u007f\\u202e\\u001b"}')
  expect(JSON.parse(text)).toEqual({ a: 'x\u009b\u007f\u202e\u001b' })
})

test('units', () => {
  expect([0, 999, 1000, 921_766, 5e9].map(formatBytes)).toEqual(['0 B', '999 B', '1.0 kB', '921.8 kB', '5.0 GB'])
  expect([0.0123, -0.5, 3.44, 125].map(formatSeconds)).toEqual(['0.012 s', '-0.500 s', '3.4 s', '125 s'])
})

test('a table keeps its columns where characters are wide', () => {
  const columns = [
    { title: 'NAME', cell: ([name]: readonly [string, string]) => name },
    { title: 'N', align: 'right', cell: ([, n]: readonly [string, string]) => n },
  ] as const
  expect(
    formatTable(columns, [
      ['日本', '1'],
      ['ab', '23'],
    ]),
  ).toBe('NAME   N\n日本   1\nab    23')
})

test('values as text', () => {
  const value = {
    image: NDArray.zeros([2, 3, 4], 'uint8'),
    empty: NDArray.zeros([0], 'float32'),
    scalar: NDArray.from(1.5),
    wide: NDArray.from([1n, -2n], 'int64'),
    list: [NDArray.from([true, false], 'bool')],
  }
  const text = valueText(value, 80)
  expect(text).toContain('image: uint8 [2, 3, 4] 0, 0, 0, 0, 0, 0, …')
  expect(text).toMatch(/empty: float32 \[0\],/)
  expect(text).toContain('scalar: float64 [] 1.5')
  expect(text).toContain('wide: int64 [2] 1n, -2n')
  expect(text).toContain('list: [ bool [2] true, false ]')
})

test('values as JSON', () => {
  const value = {
    joints: NDArray.from([[0.5, Number.NaN]]),
    ids: NDArray.from([1n, 2n ** 62n], 'int64'),
    big: 2n ** 70n,
    bytes: new Uint8Array([1, 2]),
    numbers: [1, -0.5, Number.POSITIVE_INFINITY],
    none: null,
    complex: new Complex(1, -2),
    keys: new Map<unknown, unknown>([[1, 'one']]),
  }
  expect(JSON.parse(JSON.stringify(valueJson(value)))).toEqual({
    joints: { dtype: 'float64', shape: [1, 2], values: [[0.5, 'NaN']] },
    ids: { dtype: 'int64', shape: [2], values: [1, String(2n ** 62n)] },
    big: String(2n ** 70n),
    bytes: { base64: 'AQI=' },
    numbers: [1, -0.5, 'Infinity'],
    none: null,
    complex: { re: 1, im: -2 },
    keys: [[1, 'one']],
  })
})

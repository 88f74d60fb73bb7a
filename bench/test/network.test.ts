import { describe, expect, test } from 'vitest'
import type { Figures } from '../src/network/measure.ts'
import { parseNetworkOptions } from '../src/network/options.ts'
import { linkTable } from '../src/network/report.ts'

describe('options', () => {
  test('are all there by default, and few at will', () => {
    expect(parseNetworkOptions([])).toMatchObject({ seconds: 12, only: [], help: false })
    expect(parseNetworkOptions(['--seconds', '6', '--only', '50'])).toMatchObject({ seconds: 6, only: ['50'] })
  })

  test.each([['--seconds', '5'], ['--seconds', 'x'], ['--fast']])(
    '%s %s is refused with what is possible',
    (...args) => {
      expect(() => parseNetworkOptions(args)).toThrow(/--seconds/)
    },
  )
})

test('the table tells rates, delays and the share that was missed, and nothing where nothing came', () => {
  const some: Figures = { perSecond: 499.9, p50Ms: 1.234, p99Ms: 1951, missed: 30, published: 120 }
  const none: Figures = { perSecond: 0, p50Ms: Number.NaN, p99Ms: Number.NaN, missed: 360, published: 360 }
  const asked: Figures = { ...some, missed: 0, published: 0 }
  const measured = { camera: none, joints: some, requests: asked }
  const lines = linkTable([{ title: 'far', ours: measured, robotmq: measured }]).split('\n')
  expect(lines).toHaveLength(5)
  expect(lines[2]).toContain('| far | camera | 0.0 | – ms | – ms | 100 % |')
  expect(lines[3]).toContain('| far | joints | 500 | 1.2 ms | 1,951 ms | 25 % |')
  expect(lines[4]).toContain('| far | requests | 500 | 1.2 ms | 1,951 ms |  |')
})

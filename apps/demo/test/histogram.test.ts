import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../src/stats/histogram.ts'

function exact(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!
}

describe('Histogram', () => {
  it('is within 2 % above the exact percentile, for any values', () => {
    const durations = fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(durations, fc.constantFrom(0, 0.01, 0.5, 0.9, 0.99, 1), (values, share) => {
        const histogram = new Histogram()
        for (const value of values) histogram.add(value)
        const truth = exact(values, share)
        const found = histogram.percentile(share)!
        expect(found).toBeGreaterThanOrEqual(truth * (1 - 1e-9))
        expect(found).toBeLessThanOrEqual(truth * 1.0201)
      }),
      { numRuns: 300 },
    )
  })

  it('has no percentile without values, and takes zero and values beyond its range', () => {
    const histogram = new Histogram()
    expect(histogram.percentile(0.5)).toBeUndefined()
    histogram.add(0)
    expect(histogram.percentile(0.5)).toBe(0)
    histogram.add(1e15)
    expect(histogram.percentile(1)).toBeLessThanOrEqual(1e15)
    expect(histogram.total).toBe(2)
  })
})

import { describe, expect, it } from 'vitest'
import { median, overRounds, quantile, summarise } from '../src/statistics.ts'

describe('statistics', () => {
  it('interpolates between neighbours, whatever the order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([10, 0], 0.99)).toBeCloseTo(9.9)
    expect(quantile([7], 0.99)).toBe(7)
  })

  it('sorts by value, not as text', () => {
    expect(median([9, 10, 100])).toBe(10)
  })

  it('leaves the samples as they are', () => {
    const samples = [3, 1, 2]
    summarise(samples)
    expect(samples).toEqual([3, 1, 2])
  })

  it('refuses to summarise nothing', () => {
    expect(() => summarise([])).toThrow(RangeError)
  })

  it('does not let one disturbed round change the figures', () => {
    const calm = { count: 100, p50: 10, p99: 20 }
    expect(overRounds([calm, { count: 50, p50: 900, p99: 5000 }, calm])).toEqual({ count: 250, p50: 10, p99: 20 })
  })
})

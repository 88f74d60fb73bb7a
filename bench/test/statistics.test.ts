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
    summarise(samples, 'less')
    expect(samples).toEqual([3, 1, 2])
  })

  it('refuses to summarise nothing', () => {
    expect(() => summarise([])).toThrow(RangeError)
  })

  it('does not let one disturbed round change the figures', () => {
    const calm = { count: 100, p50: 10, p99: 20, worst: 30 }
    const disturbed = { count: 50, p50: 900, p99: 5000, worst: 9000 }
    expect(overRounds([calm, disturbed, calm], 'less')).toMatchObject({ count: 250, p50: 10, p99: 20 })
  })

  it('keeps the worst of all rounds', () => {
    const rounds = [summarise([3, 1, 2], 'more'), summarise([7, 8, 9], 'more')]
    expect(overRounds(rounds, 'more').worst).toBe(1)
    expect(overRounds([summarise([3, 1, 2], 'less'), summarise([1], 'less')], 'less').worst).toBe(3)
  })
})

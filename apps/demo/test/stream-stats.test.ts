import { describe, expect, it } from 'vitest'
import { StreamStats } from '../src/stats/stream-stats.ts'

const report = { stream: 'camera', records: 3, skipped: 1, lost: 0, wrong: 0, latenciesMs: [1, 2, 3] }

describe('StreamStats', () => {
  it('tells the rate of the last two seconds, of the whole phase, and since any moment', () => {
    let nowS = 100
    const stats = new StreamStats(() => nowS)
    for (let tick = 0; tick < 100; tick++) {
      nowS = 100 + tick / 10
      stats.add(report)
    }
    expect(stats.rateHz).toBeCloseTo(30, 0)
    expect(stats.meanRateHz).toBeCloseTo(30, 5)
    const { mark } = stats
    nowS += 3
    expect(stats.rateHz).toBe(0)
    expect(stats.rateSince(mark)).toBe(0)
    stats.add(report)
    expect(stats.rateSince(mark)).toBeCloseTo(1, 5)
    expect(stats.skipped).toBe(101)
    expect(stats.latencies.percentile(0.5)).toBeCloseTo(2, 1)
  })

  it('keeps the first problem, and knows from where to where it has seen', () => {
    const stats = new StreamStats(() => 0)
    stats.add(report)
    expect([stats.first, stats.last]).toEqual([undefined, undefined])
    stats.add({ ...report, wrong: 1, problem: 'first', first: 3, last: 5 })
    stats.add({ ...report, wrong: 1, problem: 'second', first: 3, last: 9 })
    expect([stats.wrong, stats.problem, stats.first, stats.last]).toEqual([2, 'first', 3, 9])
  })
})

import { describe, expect, it } from 'vitest'
import { PublishStats } from '../src/stats/publish-stats.ts'
import { StreamStats } from '../src/stats/stream-stats.ts'

const report = { stream: 'camera', records: 3, bytes: 300, skipped: 1, lost: 0, wrong: 0, latenciesMs: [1, 2, 3] }

describe('StreamStats', () => {
  it('tells the rate of the last two seconds beside that of the whole phase', () => {
    let nowS = 100
    const stats = new StreamStats(() => nowS)
    for (let tick = 0; tick < 100; tick++) {
      nowS = 100 + tick / 10
      stats.add(report)
    }
    expect(stats.rateHz).toBeCloseTo(30, 0)
    expect(stats.meanRateHz).toBeCloseTo(30, 5)
    expect(stats.meanBytesPerS).toBeCloseTo(3000, 3)
    nowS += 3
    expect(stats.rateHz).toBe(0)
    expect(stats.meanRateHz).toBeCloseTo(30, 5)
    expect(stats.skipped).toBe(100)
    expect(stats.latencies.percentile(0.5)).toBeCloseTo(2, 1)
  })

  it('lets the newest record grow old when reports stay away', () => {
    let nowS = 100
    const stats = new StreamStats(() => nowS)
    expect(stats.newestAgeMs).toBeUndefined()
    stats.add({ ...report, newestAgeMs: 12 })
    nowS += 0.2
    expect(stats.newestAgeMs).toBe(12)
    nowS += 1.8
    expect(stats.newestAgeMs).toBeCloseTo(2012)
    expect(stats.reportedAgeMs).toBe(12)
  })

  it('keeps the first problem', () => {
    const stats = new StreamStats(() => 0)
    stats.add(report)
    stats.add({ ...report, wrong: 1, problem: 'first' })
    stats.add({ ...report, wrong: 1, problem: 'second' })
    expect([stats.wrong, stats.problem]).toEqual([2, 'first'])
  })
})

describe('PublishStats', () => {
  it('counts from its first report on', () => {
    let nowS = 10
    const stats = new PublishStats(() => nowS)
    stats.add({ published: 'camera', records: 300, late: 7, missed: 0 })
    expect([stats.records, stats.meanRateHz]).toEqual([0, 0])
    nowS += 2
    stats.add({ published: 'camera', records: 360, late: 8, missed: 1 })
    expect([stats.records, stats.late, stats.meanRateHz]).toEqual([60, 2, 30])
  })
})

import type { PublishReport, StreamReport } from '@rmq/app-kit'
import { describe, expect, it } from 'vitest'
import { accountOf, balances } from '../src/stats/account.ts'
import { PhaseStats } from '../src/stats/phase-stats.ts'
import { PublishStats } from '../src/stats/publish-stats.ts'
import { RequestStats } from '../src/stats/request-stats.ts'

function put(last: number, rest: Partial<PublishReport> = {}): PublishReport {
  return { published: 'camera', records: last, last, atS: last / 10, late: 0, missed: 0, resting: false, ...rest }
}

function seen(rest: Partial<StreamReport>): StreamReport {
  return { stream: 'camera', records: 0, skipped: 0, lost: 0, wrong: 0, latenciesMs: [], ...rest }
}

describe('PublishStats', () => {
  it('counts from its first report on', () => {
    const stats = new PublishStats()
    stats.add(put(300, { late: 7, missed: 1 }))
    expect([stats.number, stats.late, stats.meanRateHz]).toEqual([300, 8, 0])
    stats.add(put(360, { late: 8, missed: 1 }))
    expect([stats.number, stats.late, stats.resting]).toEqual([360, 9, false])
    expect(stats.meanRateHz).toBeCloseTo(10)
    stats.add(put(360, { late: 8, missed: 1, resting: true }))
    expect(stats.resting).toBe(true)
  })

  it('goes on counting with the next producer, and takes out the time between the two', () => {
    const stats = new PublishStats()
    stats.add(put(1))
    stats.add(put(100, { late: 3 }))
    stats.add(put(101, { records: 1, atS: 15, late: 0 }))
    stats.add(put(150, { records: 50, atS: 19.9, late: 2 }))
    expect([stats.number, stats.late]).toEqual([150, 5])
    stats.paused(4.9)
    expect(stats.meanRateHz).toBeCloseTo(10)
  })

  it('knows when puts were', () => {
    const stats = new PublishStats()
    for (const atS of [1, 1.1, 1.4, 1.5, 2.5]) stats.add(put(10 * atS, { atS }))
    expect(stats.firstPutAfter(1.1)).toBe(1.4)
    expect(stats.firstPutAfter(3)).toBeUndefined()
    expect(stats.longestGapS(1, 1.5)).toBeCloseTo(1)
    expect(stats.longestGapS(1, 1.45)).toBeCloseTo(0.3)
    expect(stats.longestGapS(1.1, 1.2)).toBeCloseTo(0.3)
  })
})

describe('RequestStats', () => {
  it('knows what became of each request', () => {
    const stats = new RequestStats()
    stats.add({ request: 1, was: 'asked' })
    stats.add({ request: 1, was: 'resent' })
    stats.add({ request: 1, was: 'resent' })
    stats.add({ request: 2, was: 'asked' })
    expect([stats.asked, stats.waiting, stats.times(1, 'resent')]).toEqual([2, [1, 2], 2])
    stats.add({ request: 1, was: 'ran' })
    stats.add({ request: 1, was: 'answered' })
    expect([stats.waiting, stats.repeated, stats.unexplained]).toEqual([[2], [], []])
  })

  it('finds requests that ran twice, that were answered by nobody, or that nobody asked', () => {
    const stats = new RequestStats()
    for (const was of ['asked', 'ran', 'ran', 'answered'] as const) stats.add({ request: 1, was })
    for (const was of ['asked', 'answered'] as const) stats.add({ request: 2, was })
    stats.add({ request: 3, was: 'ran' })
    expect([stats.repeated, stats.unexplained]).toEqual([[1], [2, 3]])
  })
})

describe('the account of a stream', () => {
  it('balances across two cameras when every frame was received, skipped or lost', () => {
    const stats = new PhaseStats()
    stats.add(put(5))
    stats.add(seen({ records: 3, first: 3, last: 5 }))
    stats.add(put(6, { records: 1 }))
    stats.add(put(10, { records: 5, resting: true }))
    stats.add(seen({ records: 2, skipped: 2, lost: 1, first: 3, last: 10 }))
    const account = accountOf(stats, 'camera')
    expect(account).toEqual({ published: 8, received: 5, skipped: 2, lost: 1 })
    expect(balances(account)).toBe(true)
    expect(balances({ ...account, received: 6 })).toBe(false)
  })

  it('is closed when everybody has come to the end', () => {
    const stats = new PhaseStats()
    stats.add(put(10, { resting: true }))
    stats.add(put(99, { published: 'joint_states', resting: true }))
    stats.add(seen({ records: 10, first: 1, last: 10 }))
    stats.add(seen({ stream: 'joint_states', records: 98, first: 1, last: 98 }))
    stats.add({ request: 1, was: 'asked' })
    expect(stats.settled).toBe(false)
    stats.add(seen({ stream: 'joint_states', records: 1, first: 1, last: 99 }))
    expect(stats.settled).toBe(false)
    stats.add(seen({ stream: 'inference', records: 1 }))
    expect(stats.settled).toBe(true)
    expect(accountOf(stats, 'inference')).toEqual({ published: 1, received: 1, skipped: 0, lost: 0 })
  })
})

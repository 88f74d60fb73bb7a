import { describe, expect, it } from 'vitest'
import { Pacer } from '../src/pacer.ts'

/** A clock that only sleeping and the test move. */
function fakeClock() {
  const clock = {
    us: 5_000_000,
    slept: [] as number[],
    nowUs: () => clock.us,
    async sleepUntilUs(dueUs: number) {
      clock.slept.push(dueUs)
      clock.us = Math.max(clock.us, dueUs)
    },
  }
  return clock
}

describe('Pacer', () => {
  it('is due at start + k / rate, without drift, however long the work takes', async () => {
    const clock = fakeClock()
    const pacer = new Pacer({ rateHz: 30, ...clock })
    for (let k = 0; k < 900; k++) {
      expect(await pacer.tick()).toBe(k)
      clock.us += 7_000
    }
    expect(clock.slept.at(-1)).toBeCloseTo(5_000_000 + (899 * 1e6) / 30, 3)
    expect(pacer.late).toBe(0)
  })

  it('catches up after a delay, and counts the late ticks', async () => {
    const clock = fakeClock()
    const pacer = new Pacer({ rateHz: 500, ...clock })
    await pacer.tick()
    clock.us += 10_500
    const begun = clock.us
    for (let k = 1; k <= 5; k++) expect(await pacer.tick()).toBe(k)
    expect(clock.us).toBe(begun)
    expect(pacer.late).toBe(4) // Those due at 2, 4, 6 and 8 ms; that of 10 ms came half a millisecond late.
    await pacer.tick()
    expect(clock.us).toBe(5_000_000 + 12_000)
    expect(pacer.missed).toBe(0)
  })

  it('gives up what is too long ago, and counts that too', async () => {
    const clock = fakeClock()
    const pacer = new Pacer({ rateHz: 100, giveUpS: 0.5, ...clock })
    await pacer.tick()
    clock.us += 60_000_000
    expect(await pacer.tick()).toBe(6000)
    expect(pacer.missed).toBe(5999)
    expect(await pacer.tick()).toBe(6001)
    expect(clock.us).toBe(5_000_000 + 60_010_000)
  })

  it('keeps a real 500 Hz on the real clock', async () => {
    const pacer = new Pacer({ rateHz: 500 })
    const startMs = performance.now()
    for (let k = 0; k <= 250; k++) await pacer.tick()
    const tookMs = performance.now() - startMs
    expect(tookMs).toBeGreaterThan(499)
    expect(tookMs).toBeLessThan(600)
  })

  it('stops waiting when its signal aborts', async () => {
    const pacer = new Pacer({ rateHz: 0.1 })
    await pacer.tick()
    const reason = new Error('stopped')
    const waiting = pacer.tick(AbortSignal.timeout(20))
    await expect(waiting).rejects.toThrow()
    await expect(pacer.tick(AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

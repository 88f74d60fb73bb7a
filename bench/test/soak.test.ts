import { describe, expect, it } from 'vitest'
import { FRAME_BYTES, readStamp, stamp } from '../src/soak/frame.ts'
import { Histogram } from '../src/soak/histogram.ts'
import { judgeMemory } from '../src/soak/memory.ts'

describe('the soak', () => {
  it('tells a whole frame from a torn one', () => {
    const frame = new Uint8Array(FRAME_BYTES)
    stamp(new DataView(frame.buffer), 41)
    expect(readStamp(frame)).toBe(41)
    new DataView(frame.buffer).setFloat64(0, 42, true)
    expect(readStamp(frame)).toBeUndefined()
    expect(readStamp(frame.subarray(1))).toBeUndefined()
  })

  it('counts durations within 5 %', () => {
    const histogram = new Histogram()
    for (let ns = 1; ns <= 100_000; ns++) histogram.add(ns)
    expect(histogram.total).toBe(100_000)
    for (const fraction of [0.5, 0.99]) {
      expect(Math.abs(histogram.quantile(fraction) / (fraction * 100_000) - 1)).toBeLessThan(0.05)
    }
    expect(new Histogram().quantile(0.5)).toBe(0)
  })

  it('calls memory flat within 10 %', () => {
    expect(judgeMemory([100, 100, 500, 90, 105, 105])).toMatchObject({ min: 90, max: 500, flat: true })
    expect(judgeMemory([100, 100, 105, 105, 120, 120])).toMatchObject({ flat: false })
    expect(judgeMemory([100, 100])).toBeUndefined()
  })
})

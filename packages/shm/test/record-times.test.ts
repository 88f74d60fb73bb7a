import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromCaptureNs, toCaptureNs } from '../src/record-times.ts'

const roundTrip = (captureTimeS: number | undefined) => fromCaptureNs(toCaptureNs(captureTimeS))

test('a stamp of whole microseconds comes back exactly, be the clock hours or decades old', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 1_000_000 }), (wide, divisor) => {
      const captureTimeS = Math.floor((wide % 2e15) / divisor) / 1e6
      expect(roundTrip(captureTimeS)).toBe(captureTimeS)
    }),
    { numRuns: 20_000 },
  )
})

test('any other stamp comes back within a nanosecond in the first hundred days', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 8.64e6, noNaN: true }), (captureTimeS) => {
      expect(Math.abs(roundTrip(captureTimeS)! - captureTimeS)).toBeLessThanOrEqual(2e-9)
    }),
  )
})

test('no stamp, the instant 0 and the first microsecond are three things', () => {
  expect(roundTrip(undefined)).toBeUndefined()
  expect(roundTrip(0)).toBe(0)
  expect(roundTrip(-0)).toBe(0)
  expect(roundTrip(1e-6)).toBe(1e-6)
})

test.each([-1e-6, 2.1e9, Number.NaN, Infinity, -Infinity])('%d s are no time of a steady clock', (captureTimeS) => {
  expect(() => toCaptureNs(captureTimeS)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})

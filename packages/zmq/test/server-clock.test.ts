import { steadyClockUs } from '@rmq/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServerClock } from '../src/client/server-clock.ts'

/** An exchange with a server whose clock is `offsetS` ahead: as long under way there and back, and in between, as told. */
function exchange(offsetS: number, thereS: number, insideS: number, backS: number, agoS = 0) {
  const receivedUs = steadyClockUs() - Math.round(agoS * 1e6)
  const sentUs = receivedUs - Math.round((thereS + insideS + backS) * 1e6)
  const inS = sentUs / 1e6 + thereS + offsetS
  return { sentUs, inS, outS: inS + insideS, receivedUs }
}

test('knows nothing at first', () => {
  const { offsetS, errorS } = new ServerClock().clock
  expect([offsetS, errorS]).toEqual([Number.NaN, Number.POSITIVE_INFINITY])
})

test('is right to within its error, however unlike the ways there and back are', () => {
  const delay = fc.double({ min: 0, max: 0.5, noNaN: true })
  const offset = fc.double({ min: -1e5, max: 1e5, noNaN: true })
  fc.assert(
    fc.property(offset, fc.array(fc.tuple(delay, delay, delay), { minLength: 1, maxLength: 20 }), (offsetS, all) => {
      const clock = new ServerClock()
      for (const [thereS, insideS, backS] of all) {
        expect(clock.sample({ ...exchange(offsetS, thereS, insideS, backS), zeroS: 7 })).toBe(true)
        const { offsetS: found, hostOffsetS, errorS } = clock.clock
        expect(Math.abs(found - offsetS)).toBeLessThanOrEqual(errorS)
        expect(hostOffsetS).toBeCloseTo(found + 7, 6)
      }
      // The exchange that was under way for the shortest time counts; how long the server took does not.
      expect(clock.clock.roundTripS).toBeCloseTo(Math.min(...all.map(([thereS, , backS]) => thereS + backS)), 5)
    }),
  )
})

test('a good sample ages until a worse one of now is better', () => {
  const clock = new ServerClock()
  clock.sample(exchange(10, 0.0005, 0, 0.0005, 100))
  // 100 s at 500 us/s.
  expect(clock.clock.errorS).toBeGreaterThan(0.05)
  expect(clock.clock.errorS).toBeLessThan(0.06)
  clock.sample(exchange(10, 0.1, 0, 0.1))
  expect(clock.clock.roundTripS).toBeCloseTo(0.001, 5)
  clock.sample(exchange(10.02, 0.03, 0, 0.01))
  expect(clock.clock.roundTripS).toBeCloseTo(0.04, 5)
})

test('a clock that was set is told from one that is hardly known, and asks for its zero', () => {
  const clock = new ServerClock()
  clock.sample({ ...exchange(10, 0.001, 0, 0.001), zeroS: 5 })
  expect(clock.sample(exchange(10, 0.3, 0, 0))).toBe(true)
  expect(clock.sample(exchange(500, 0.2, 0, 0.2))).toBe(false)
  expect(clock.clock.offsetS).toBeCloseTo(500, 3)
  expect(clock.clock.hostOffsetS).toBe(Number.NaN)
  expect(clock.sample({ ...exchange(500, 0.2, 0, 0.2), zeroS: -485 })).toBe(true)
  expect(clock.clock.hostOffsetS).toBeCloseTo(15, 3)
})

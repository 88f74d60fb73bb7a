import { RmqError } from '@rmq/core'

/** 63 years: up to here rounding errors stay so small that no other microsecond is nearer. */
const MAX_CAPTURE_TIME_S = 2e9

/** Seconds on the server's clock, which shows whole microseconds: no record is newer than its reader's clock. */
export function timestampS(timeNs: number, zeroUs: number): number {
  return (Math.floor(timeNs / 1e3) - zeroUs) / 1e6
}

/**
 * A capture time as the ring stores it: whole nanoseconds, 0 for none. Stamps of whole microseconds come back exactly
 * whatever their size: thousands of nanoseconds keep their digits where single ones have none left.
 * @throws INVALID_ARGUMENT for a time that no steady clock shows
 */
export function toCaptureNs(captureTimeS: number | undefined): number {
  if (captureTimeS === undefined) return 0
  if (!(captureTimeS >= 0 && captureTimeS <= MAX_CAPTURE_TIME_S)) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      `captureTimeS must be seconds of the host's steady clock, from 0 to ${MAX_CAPTURE_TIME_S}, got ${captureTimeS}: ` +
        'steadyClockUs() / 1e6 is now.',
    )
  }
  const us = Math.round(captureTimeS * 1e6)
  const ns = us / 1e6 === captureTimeS ? us * 1e3 : Math.round(captureTimeS * 1e9)
  // 0 means none: the first nanosecond stands for the instant 0.
  return Math.max(ns, 1)
}

export function fromCaptureNs(captureNs: number): number | undefined {
  if (captureNs === 0) return undefined
  if (captureNs === 1) return 0
  const us = Math.round(captureNs / 1e3)
  return us * 1e3 === captureNs ? us / 1e6 : captureNs / 1e9
}

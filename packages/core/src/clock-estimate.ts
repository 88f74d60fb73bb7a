import { steadyClockUs } from './clock.ts'

/** What a client knows of its server's clock. */
export interface ClockEstimate {
  /**
   * What to add to this host's steady clock (`steadyClockUs() / 1e6`) for seconds on the server's clock, which
   * `timestampS` is counted on. NaN as long as nothing is known.
   */
  readonly offsetS: number
  /**
   * What to add for seconds on the steady clock of the server's host, which `captureTimeS` and `peekAt` are counted on:
   * 0 on the same host. NaN towards an original robotmq server, which does not tell.
   */
  readonly hostOffsetS: number
  /** Both are off by no more than this many seconds. It grows with the time since the exchange they are known from. */
  readonly errorS: number
  /** Seconds that this exchange was under way, there and back. 0 where the clock is read without one. */
  readonly roundTripS: number
  /** Seconds since then. */
  readonly sampledAgoS: number
}

/** What one step of the steady clock is. */
const STEP_S = 1e-6

/** The clock of a server on this host, read without asking. @param zeroS the steady clock at the server's timestamp 0 */
export function sameHostClock(zeroS: number): ClockEstimate {
  return { offsetS: -zeroS, hostOffsetS: 0, errorS: STEP_S, roundTripS: 0, sampledAgoS: 0 }
}

/** Of a server that was never met. */
export const UNKNOWN_CLOCK: ClockEstimate = {
  offsetS: Number.NaN,
  hostOffsetS: Number.NaN,
  errorS: Number.POSITIVE_INFINITY,
  roundTripS: Number.POSITIVE_INFINITY,
  sampledAgoS: Number.POSITIVE_INFINITY,
}

/** Seconds on this host's steady clock. */
export function steadyNowS(): number {
  return steadyClockUs() / 1e6
}

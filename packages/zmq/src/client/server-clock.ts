import { type ClockEstimate, steadyClockUs, UNKNOWN_CLOCK } from '@rmq/core'

/** By how much two clocks may drift apart: as far as a system slews its own. */
const DRIFT = 500e-6
/** Both clocks are read in whole microseconds. */
const ROUNDING_S = 2e-6

/** One exchange: here when it was sent and received, at the server when it came in and went out. */
export interface ClockSample {
  readonly sentUs: number
  readonly inS: number
  readonly outS: number
  readonly receivedUs: number
  /** The steady clock of the server's host at the server's timestamp 0. Only some answers tell. */
  readonly zeroS?: number
}

/**
 * What the server's clock says, estimated from exchanges: each tells it to within half of the time that it was under
 * way, and less well as time goes by. The one that tells it best now counts.
 */
export class ServerClock {
  #offsetS = Number.NaN
  #zeroS = Number.NaN
  #roundTripS = Number.POSITIVE_INFINITY
  #sampledUs = 0

  /** Another server, or another run of it, has another clock. */
  reset(): void {
    this.#roundTripS = Number.POSITIVE_INFINITY
    this.#offsetS = Number.NaN
    this.#zeroS = Number.NaN
  }

  /** @returns false where the server's clock was set since the last exchange, and this one does not tell its zero */
  sample({ sentUs, inS, outS, receivedUs, zeroS }: ClockSample): boolean {
    const roundTripS = Math.max((receivedUs - sentUs) / 1e6 - (outS - inS), 0)
    if (!Number.isFinite(roundTripS)) return true
    const offsetS = (inS + outS) / 2 - (sentUs + receivedUs) / 2e6
    const known = this.clock
    const errorS = errorOf(roundTripS, (steadyClockUs() - receivedUs) / 1e6)
    // Each is right to within its error, unless the server's clock is another one by now.
    const wasSet = Math.abs(offsetS - known.offsetS) > errorS + known.errorS
    if (zeroS !== undefined) this.#zeroS = zeroS
    else if (wasSet) this.#zeroS = Number.NaN
    if (wasSet || errorS <= known.errorS) {
      this.#offsetS = offsetS
      this.#roundTripS = roundTripS
      this.#sampledUs = receivedUs
    }
    return !wasSet || zeroS !== undefined
  }

  get clock(): ClockEstimate {
    if (Number.isNaN(this.#offsetS)) return UNKNOWN_CLOCK
    const sampledAgoS = (steadyClockUs() - this.#sampledUs) / 1e6
    return {
      offsetS: this.#offsetS,
      hostOffsetS: this.#offsetS + this.#zeroS,
      errorS: errorOf(this.#roundTripS, sampledAgoS),
      roundTripS: this.#roundTripS,
      sampledAgoS,
    }
  }

  /** Seconds on the server's clock; NaN before the first sample. */
  nowS(): number {
    return steadyClockUs() / 1e6 + this.#offsetS
  }
}

function errorOf(roundTripS: number, agoS: number): number {
  return roundTripS / 2 + agoS * DRIFT + ROUNDING_S
}

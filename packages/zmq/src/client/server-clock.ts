import { steadyClockUs } from '@rmq/core'

/** A better sample than the last is worth waiting for only so long: clocks drift. */
const SAMPLE_KEEP_US = 10_000_000

/** What the server's clock says, estimated from the times in its replies: the quickest exchange tells it best. */
export class ServerClock {
  #serverMinusSteadyS = Number.NaN
  #roundTripUs = Number.POSITIVE_INFINITY
  #sampledUs = 0

  /** Another server, or another run of it, has another clock. */
  reset(): void {
    this.#roundTripUs = Number.POSITIVE_INFINITY
  }

  /** @param serverS the server's clock when it answered what was sent at `sentUs` */
  sample(sentUs: number, receivedUs: number, serverS: number): void {
    const roundTripUs = receivedUs - sentUs
    if (!Number.isFinite(serverS)) return
    if (roundTripUs > this.#roundTripUs && receivedUs - this.#sampledUs < SAMPLE_KEEP_US) return
    this.#roundTripUs = roundTripUs
    this.#sampledUs = receivedUs
    this.#serverMinusSteadyS = serverS - (sentUs + roundTripUs / 2) / 1e6
  }

  /** Seconds on the server's clock; NaN before the first sample. */
  nowS(): number {
    return steadyClockUs() / 1e6 + this.#serverMinusSteadyS
  }
}

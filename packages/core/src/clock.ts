interface HrtimeProcess {
  readonly hrtime?: { bigint(): bigint }
}

const hrtime = (globalThis as { process?: HrtimeProcess }).process?.hrtime

/**
 * The host's steady clock in whole microseconds: never set back, the same in every process and thread of the host
 * (CLOCK_MONOTONIC on Linux). In a browser its zero is the page's start.
 */
export const steadyClockUs: () => number = hrtime
  ? () => Number(hrtime.bigint() / 1000n)
  : () => Math.floor(performance.now() * 1000)

let systemMinusSteadyUs = Number.NaN

/** The wall clock in whole microseconds since 1970. It follows adjustments of the system's clock. */
export function systemClockUs(): number {
  const wallUs = Date.now() * 1000
  const guess = steadyClockUs() + systemMinusSteadyUs
  // Date.now() has steps of 1 ms: between them the steady clock tells the microseconds.
  if (guess >= wallUs && guess < wallUs + 1000) return guess
  systemMinusSteadyUs = wallUs - steadyClockUs()
  return wallUs
}

/** Where a side's timestamps begin: seconds on the steady clock since a zero of its own, as robotmq counts them. */
export class StartTime {
  #zeroUs: number

  constructor(zeroUs: number = steadyClockUs()) {
    this.#zeroUs = zeroUs
  }

  /** The steady clock's reading, in microseconds, at timestamp 0. */
  get zeroUs(): number {
    return this.#zeroUs
  }

  /** The same in seconds. */
  get zeroS(): number {
    return this.#zeroUs / 1e6
  }

  /** Seconds since the zero. */
  nowS(): number {
    return (steadyClockUs() - this.#zeroUs) / 1e6
  }

  /** Moves the zero to a wall clock instant (microseconds since 1970). 0 makes timestamps unix seconds. */
  reset(systemTimeUs: number): void {
    this.#zeroUs = steadyClockUs() + (systemTimeUs - systemClockUs())
  }
}

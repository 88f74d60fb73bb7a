/** How a role measures once: the same for both sides of a bench. */
export interface Plan {
  /** Until JavaScript runs as machine code, on either side. */
  readonly warmUp: { readonly count: number; readonly seconds: number }
  /** Calls at most. */
  readonly count: number
  /** Seconds at most. */
  readonly seconds: number
  /** Seconds between two calls. */
  readonly pauseS: number
}

/** How long a run takes. */
export interface Scale {
  readonly rounds: number
  /** Rounds of the benches whose single measurement takes seconds. */
  readonly longRounds: number
  readonly plan: Plan
}

export const QUICK: Scale = {
  rounds: 3,
  longRounds: 1,
  plan: { warmUp: { count: 2000, seconds: 0.2 }, count: 2000, seconds: 0.25, pauseS: 0 },
}

export const FULL: Scale = {
  rounds: 5,
  longRounds: 3,
  plan: { warmUp: { count: 5000, seconds: 0.6 }, count: 5000, seconds: 1.5, pauseS: 0 },
}

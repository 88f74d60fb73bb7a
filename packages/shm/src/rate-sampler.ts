const WINDOW_US = 2e6
/** Samples that are closer tell nothing more. */
const STEP_US = 1e5

interface Sample {
  readonly timeUs: number
  readonly published: number
}

/** Records per second over the last two seconds, from how many there were at some moments: any process may put them. */
export class RateSampler {
  readonly #samples: Sample[] = []

  /** @returns the rate; 0 at the first sample */
  sample(published: number, timeUs: number): number {
    const last = this.#samples.at(-1)
    if (last === undefined || timeUs - last.timeUs >= STEP_US) this.#samples.push({ timeUs, published })
    // The newest sample that is older than the window stays: it is where the window begins.
    while (this.#samples.length > 1 && this.#samples[1]!.timeUs <= timeUs - WINDOW_US) this.#samples.shift()
    const first = this.#samples[0]!
    return timeUs > first.timeUs ? ((published - first.published) * 1e6) / (timeUs - first.timeUs) : 0
  }
}

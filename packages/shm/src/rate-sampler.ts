const WINDOW_NS = 2e9

interface Sample {
  readonly timeNs: number
  readonly published: number
}

/** Records per second over the last two seconds, from how many there were at some moments: any process may put them. */
export class RateSampler {
  readonly #samples: Sample[] = []

  sample(published: number, timeNs: number): void {
    this.#samples.push({ timeNs, published })
    // The newest sample that is older than the window stays: it is where the window begins.
    while (this.#samples.length > 2 && this.#samples[1]!.timeNs <= timeNs - WINDOW_NS) this.#samples.shift()
  }

  /** 0 until there are two samples. */
  get rateHz(): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || first.timeNs === last.timeNs) return 0
    return ((last.published - first.published) * 1e9) / (last.timeNs - first.timeNs)
  }
}

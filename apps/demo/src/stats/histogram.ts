const LEAST = 0.001
const GROWTH = 1.02
const BUCKETS = 1200

/**
 * Percentiles of any number of durations in bounded memory: buckets that grow by 2 %, from a microsecond to hours
 * (in milliseconds). A percentile is at most 2 % above the exact one, and never above the largest value.
 */
export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #total = 0
  #max = 0

  add(valueMs: number): void {
    const bucket = valueMs <= LEAST ? 0 : Math.ceil(Math.log(valueMs / LEAST) / Math.log(GROWTH))
    this.#counts[Math.min(bucket, BUCKETS - 1)]! += 1
    this.#total += 1
    this.#max = Math.max(this.#max, valueMs)
  }

  get total(): number {
    return this.#total
  }

  /** @returns the least value that this share (0 to 1) of all values does not exceed; undefined without values */
  percentile(share: number): number | undefined {
    if (this.#total === 0) return undefined
    const rank = Math.max(1, Math.ceil(share * this.#total))
    let below = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      below += this.#counts[bucket]!
      if (below >= rank) return Math.min(LEAST * GROWTH ** bucket, this.#max)
    }
    return this.#max
  }
}

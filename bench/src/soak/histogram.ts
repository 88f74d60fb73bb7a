const PER_DOUBLING = 16
const DOUBLINGS = 40

/** Counts durations by size, within 5 %: as many as come, in the same small memory. */
export class Histogram {
  readonly #counts = new Float64Array(PER_DOUBLING * DOUBLINGS)
  #total = 0

  add(nanoseconds: number): void {
    const bucket = Math.floor(Math.log2(Math.max(nanoseconds, 1)) * PER_DOUBLING)
    const last = this.#counts.length - 1
    this.#counts[Math.min(bucket, last)]! += 1
    this.#total++
  }

  get total(): number {
    return this.#total
  }

  /** @returns nanoseconds; 0 when there is nothing */
  quantile(fraction: number): number {
    let before = 0
    for (const [bucket, count] of this.#counts.entries()) {
      before += count
      if (count > 0 && before >= fraction * this.#total) return 2 ** ((bucket + 0.5) / PER_DOUBLING)
    }
    return 0
  }
}

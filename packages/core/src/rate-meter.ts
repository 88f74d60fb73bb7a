const BUCKETS_PER_S = 4
const BUCKETS = 8

/** Events per second over the last two seconds, in constant memory. */
export class RateMeter {
  readonly #counts: number[] = new Array(BUCKETS).fill(0)
  #bucket = Number.NEGATIVE_INFINITY

  mark(nowS: number): void {
    this.#advance(nowS)
    this.#counts[this.#slot(this.#bucket)]! += 1
  }

  rateHz(nowS: number): number {
    this.#advance(nowS)
    // The bucket that is being filled stands for the part of its time that has passed.
    const filled = BUCKETS - 1 + (nowS * BUCKETS_PER_S - this.#bucket)
    const total = this.#counts.reduce((sum, count) => sum + count, 0)
    return (total * BUCKETS_PER_S) / filled
  }

  #advance(nowS: number): void {
    const bucket = Math.floor(nowS * BUCKETS_PER_S)
    if (bucket <= this.#bucket) return
    const steps = Math.min(bucket - this.#bucket, BUCKETS)
    for (let step = 0; step < steps; step++) this.#counts[this.#slot(bucket - step)] = 0
    this.#bucket = bucket
  }

  #slot(bucket: number): number {
    return ((bucket % BUCKETS) + BUCKETS) % BUCKETS
  }
}

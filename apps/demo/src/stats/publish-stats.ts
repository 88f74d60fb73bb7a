import type { PublishReport } from '@rmq/app-kit'

/** Puts of which the time is remembered. */
const REMEMBERED = 256

/** What was put on one topic during one phase, by one producer after the other. */
export class PublishStats {
  #first: PublishReport | undefined
  #newest: PublishReport | undefined
  /** Late and missed puts of earlier producers. */
  #earlierLate = 0
  #pausedS = 0
  /** When the newest puts were, as far as they were told one by one. */
  #times: readonly number[] = []

  add(report: PublishReport): void {
    if (report.records === 0) return
    const { number, late } = this
    if (this.#newest !== undefined && report.records < this.#newest.records) this.#earlierLate = late
    this.#first ??= report
    this.#newest = report
    if (report.last !== number) this.#times = [...this.#times, report.atS].slice(-REMEMBERED)
  }

  /** The number of the newest record. */
  get number(): number {
    return this.#newest?.last ?? 0
  }

  /** Its producer puts no more. */
  get resting(): boolean {
    return this.#newest?.resting ?? false
  }

  /** Puts that came more than one period late, or never. */
  get late(): number {
    const { late = 0, missed = 0 } = this.#newest ?? {}
    return this.#earlierLate + late + missed
  }

  /** Over the whole phase, without the time in which there was no producer. */
  get meanRateHz(): number {
    if (this.#first === undefined || this.#newest === undefined) return 0
    const spanS = this.#newest.atS - this.#first.atS - this.#pausedS
    return spanS > 0 ? (this.#newest.last - this.#first.last) / spanS : 0
  }

  /** There was no producer for that long. */
  paused(seconds: number): void {
    this.#pausedS += seconds
  }

  /** Seconds on the steady clock. */
  firstPutAfter(atS: number): number | undefined {
    return this.#times.find((time) => time > atS)
  }

  /** The longest time between two puts of which one was between these instants. */
  longestGapS(fromS: number, toS: number): number {
    const gaps = this.#times.flatMap((time, index) => {
      const before = this.#times[index - 1]
      return before === undefined || time < fromS || before > toS ? [] : [time - before]
    })
    return Math.max(0, ...gaps)
  }
}

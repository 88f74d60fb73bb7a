import type { StreamReport } from '@rmq/app-kit'
import { Histogram } from './histogram.ts'
import { RateWindow } from './rate-window.ts'

/** How far a stream had come at one of its reports. */
export interface Mark {
  readonly atS: number
  readonly records: number
}

/** What one reader saw of one stream in one phase. Memory does not grow with time. */
export class StreamStats {
  readonly latencies: Histogram = new Histogram()
  readonly #window = new RateWindow()
  readonly #nowS: () => number
  records = 0
  skipped = 0
  lost = 0
  wrong = 0
  problem: string | undefined
  /** The numbers of the reader's first and newest record. */
  first: number | undefined
  last: number | undefined
  #start: Mark | undefined
  #newest: Mark = { atS: 0, records: 0 }

  /** @param nowS a steady clock */
  constructor(nowS: () => number = () => performance.now() / 1000) {
    this.#nowS = nowS
  }

  add(report: StreamReport): void {
    const nowS = this.#nowS()
    this.records += report.records
    this.skipped += report.skipped
    this.lost += report.lost
    this.wrong += report.wrong
    this.problem ??= report.problem
    for (const latency of report.latenciesMs) this.latencies.add(latency)
    this.first ??= report.first
    this.last = report.last ?? this.last
    if (report.records === 0) return
    this.#window.add(nowS, report.records)
    this.#newest = { atS: nowS, records: this.records }
    this.#start ??= this.#newest
  }

  /** Over the last two seconds. */
  get rateHz(): number {
    return this.#window.rateAt(this.#nowS())
  }

  /** Over the whole phase. */
  get meanRateHz(): number {
    return this.#start === undefined ? 0 : this.rateSince(this.#start)
  }

  get mark(): Mark {
    return this.#newest
  }

  rateSince({ atS, records }: Mark): number {
    const spanS = this.#newest.atS - atS
    return spanS > 0 ? (this.records - records) / spanS : 0
  }
}

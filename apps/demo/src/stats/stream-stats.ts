import type { StreamReport } from '@rmq/app-kit'
import { Histogram } from './histogram.ts'
import { RateWindow } from './rate-window.ts'

interface Mark {
  readonly atS: number
  readonly records: number
  readonly bytes: number
}

/** What one reader saw of one stream in one phase. Memory does not grow with time. */
export class StreamStats {
  readonly latencies: Histogram = new Histogram()
  readonly #window = new RateWindow()
  readonly #nowS: () => number
  records = 0
  bytes = 0
  skipped = 0
  lost = 0
  wrong = 0
  problem: string | undefined
  #first: Mark | undefined
  #lastS = 0
  #age: { readonly atS: number; readonly ms: number } | undefined

  /** @param nowS a steady clock */
  constructor(nowS: () => number = () => performance.now() / 1000) {
    this.#nowS = nowS
  }

  add(report: StreamReport): void {
    const nowS = this.#nowS()
    this.records += report.records
    this.bytes += report.bytes
    this.skipped += report.skipped
    this.lost += report.lost
    this.wrong += report.wrong
    this.problem ??= report.problem
    for (const latency of report.latenciesMs) this.latencies.add(latency)
    if (report.newestAgeMs !== undefined) this.#age = { atS: nowS, ms: report.newestAgeMs }
    if (report.records === 0) return
    this.#window.add(nowS, report.records, report.bytes)
    this.#first ??= { atS: nowS, records: this.records, bytes: this.bytes }
    this.#lastS = nowS
  }

  /** Over the last two seconds. */
  get rateHz(): number {
    return this.#window.at(this.#nowS()).recordsPerS
  }

  get bytesPerS(): number {
    return this.#window.at(this.#nowS()).bytesPerS
  }

  /** Over the whole phase. */
  get meanRateHz(): number {
    return this.#mean((first) => this.records - first.records)
  }

  get meanBytesPerS(): number {
    return this.#mean((first) => this.bytes - first.bytes)
  }

  /** How old the newest record that the reader has is now. */
  get newestAgeMs(): number | undefined {
    if (this.#age === undefined) return undefined
    const sinceReportMs = (this.#nowS() - this.#age.atS) * 1e3
    // Reports come ten times a second and tell the age at their time; it only grows from there when they fail to come.
    return sinceReportMs < 500 ? this.#age.ms : this.#age.ms + sinceReportMs
  }

  /** How old it was when the reader last reported. */
  get reportedAgeMs(): number | undefined {
    return this.#age?.ms
  }

  #mean(since: (first: Mark) => number): number {
    const spanS = this.#first === undefined ? 0 : this.#lastS - this.#first.atS
    return this.#first === undefined || spanS <= 0 ? 0 : since(this.#first) / spanS
  }
}

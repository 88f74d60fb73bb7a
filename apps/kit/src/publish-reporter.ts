import type { Pacer } from './pacer.ts'
import { writeReport } from './report.ts'

const INTERVAL_MS = 250

export interface PublishReporterOptions {
  /** `each`: at every put, so that the count is exact whenever the producer dies. `sometimes`: four times a second. */
  readonly report: 'each' | 'sometimes' | 'never'
}

/** Counts what a producer puts and reports the counts where somebody listens. */
export class PublishReporter {
  readonly #topic: string
  readonly #pacer: Pacer
  readonly #report: PublishReporterOptions['report']
  readonly #timer: NodeJS.Timeout | undefined
  #records = 0
  #last = 0
  #atS = 0
  #resting = false

  constructor(topic: string, pacer: Pacer, { report }: PublishReporterOptions) {
    this.#topic = topic
    this.#pacer = pacer
    this.#report = report
    if (report === 'sometimes') this.#timer = setInterval(() => this.#write(), INTERVAL_MS).unref()
  }

  /**
   * @param number of the record that was put
   * @param atS when its put began, in seconds on the steady clock
   */
  put(number: number, atS: number): void {
    this.#records += 1
    this.#last = number
    this.#atS = atS
    if (this.#report === 'each') this.#write()
  }

  /** Nothing more is put. */
  rest(): void {
    this.#resting = true
    this.#write()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#write()
  }

  #write(): void {
    if (this.#report === 'never') return
    const { late, missed } = this.#pacer
    const counts = { records: this.#records, last: this.#last, atS: this.#atS, late, missed }
    writeReport({ published: this.#topic, ...counts, resting: this.#resting })
  }
}

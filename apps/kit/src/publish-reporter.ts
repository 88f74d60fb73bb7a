import type { Pacer } from './pacer.ts'
import { writeReport } from './report.ts'

const INTERVAL_MS = 250

/** Counts what a producer puts and, where somebody listens, reports the counts four times a second. */
export class PublishReporter {
  readonly #topic: string
  readonly #pacer: Pacer
  readonly #timer: NodeJS.Timeout | undefined
  #records = 0

  /** @param enabled whether stdout is read by a program */
  constructor(topic: string, pacer: Pacer, enabled: boolean) {
    this.#topic = topic
    this.#pacer = pacer
    if (enabled) this.#timer = setInterval(() => this.#report(), INTERVAL_MS).unref()
  }

  put(): void {
    this.#records += 1
  }

  close(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#report()
  }

  #report(): void {
    const { late, missed } = this.#pacer
    writeReport({ published: this.#topic, records: this.#records, late, missed })
  }
}

import { steadyClockUs } from 'robotmq'
import { type StreamReport, writeReport } from './report.ts'

const INTERVAL_MS = 100

export interface Seen {
  readonly bytes: number
  readonly latencyMs: number
  /** When the record was put or the answer arrived, in seconds on the steady clock. */
  readonly newestS: number
  readonly skipped?: number
}

/** Collects what a reader sees of one stream and reports it ten times a second. */
export class StreamReporter {
  readonly #stream: string
  readonly #write: (report: StreamReport) => void
  readonly #timer: NodeJS.Timeout
  #current = empty()
  #newestS: number | undefined

  constructor(stream: string, write: (report: StreamReport) => void = writeReport) {
    this.#stream = stream
    this.#write = write
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS).unref()
  }

  seen({ bytes, latencyMs, newestS, skipped = 0 }: Seen): void {
    this.#current.records += 1
    this.#current.bytes += bytes
    this.#current.skipped += skipped
    this.#current.latenciesMs.push(Math.round(latencyMs * 1000) / 1000)
    this.#newestS = newestS
  }

  lost(count: number, problem: string): void {
    this.#current.lost += count
    this.#current.problem ??= problem
  }

  wrong(problem: string): void {
    this.#current.wrong += 1
    this.#current.problem ??= problem
  }

  /** Reports the rest. */
  close(): void {
    clearInterval(this.#timer)
    this.#report()
  }

  #report(): void {
    const { problem, ...counts } = this.#current
    this.#current = empty()
    this.#write({
      stream: this.#stream,
      ...counts,
      ...(this.#newestS === undefined ? {} : { newestAgeMs: steadyClockUs() / 1e3 - this.#newestS * 1e3 }),
      ...(problem === undefined ? {} : { problem }),
    })
  }
}

function empty() {
  return {
    records: 0,
    bytes: 0,
    skipped: 0,
    lost: 0,
    wrong: 0,
    latenciesMs: [] as number[],
    problem: undefined as string | undefined,
  }
}

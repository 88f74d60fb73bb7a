import { type StreamReport, writeReport } from './report.ts'

const INTERVAL_MS = 100

export interface Seen {
  readonly latencyMs: number
  /** The number that the producer gave it; none for answers. */
  readonly number?: number
}

/** Collects what a reader sees of one stream and reports it ten times a second. */
export class StreamReporter {
  readonly #stream: string
  readonly #write: (report: StreamReport) => void
  readonly #timer: NodeJS.Timeout
  #current = empty()
  #first: number | undefined
  #last: number | undefined

  constructor(stream: string, write: (report: StreamReport) => void = writeReport) {
    this.#stream = stream
    this.#write = write
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS).unref()
  }

  seen({ latencyMs, number }: Seen): void {
    this.#current.records += 1
    this.#current.latenciesMs.push(Math.round(latencyMs * 1000) / 1000)
    this.#first ??= number
    this.#last = number
  }

  skipped(count: number): void {
    this.#current.skipped += count
  }

  lost(count: number, problem: string): void {
    if (count === 0) return
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
      ...(this.#first === undefined ? {} : { first: this.#first }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
      ...(problem === undefined ? {} : { problem }),
    })
  }
}

function empty() {
  return {
    records: 0,
    skipped: 0,
    lost: 0,
    wrong: 0,
    latenciesMs: [] as number[],
    problem: undefined as string | undefined,
  }
}

/** What a reader (or a requester) of a stream saw since its last report. One line of JSON on stdout each. */
export interface StreamReport {
  readonly stream: string
  readonly records: number
  readonly bytes: number
  /** Newer records were there already: passed over by design. */
  readonly skipped: number
  /** Records that should have come and did not; requests without an answer. */
  readonly lost: number
  /** Records and answers with other contents than they must have. */
  readonly wrong: number
  /** How long each record took from its put to the reader's hand, or each request to its answer. */
  readonly latenciesMs: readonly number[]
  /** The age of the newest record, or answer, at the time of the report. */
  readonly newestAgeMs?: number
  /** The first thing that went wrong, in words. */
  readonly problem?: string
}

/** What a producer put in all. */
export interface PublishReport {
  readonly published: string
  readonly records: number
  readonly late: number
  readonly missed: number
}

/** Where the camera's picture comes from. */
export interface PictureReport {
  readonly picture: string
}

export type Report = StreamReport | PublishReport | PictureReport

export function writeReport(report: Report): void {
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

/** @returns undefined for a line that is no report */
export function parseReport(line: string): Report | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Report
  } catch {
    return undefined
  }
}

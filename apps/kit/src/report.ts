/** What a reader (or a requester) of a stream saw since its last report. One line of JSON on stdout each. */
export interface StreamReport {
  readonly stream: string
  readonly records: number
  /** Newer records were there already: passed over by design. */
  readonly skipped: number
  /** Records that should have come and did not; requests without an answer. */
  readonly lost: number
  /** Records and answers with other contents than they must have. */
  readonly wrong: number
  /** How long each record took from its put to the reader's hand, or each request to its answer. */
  readonly latenciesMs: readonly number[]
  /** The numbers that the producer gave the first and the newest record that this reader ever saw. */
  readonly first?: number
  readonly last?: number
  /** The first thing that went wrong, in words. */
  readonly problem?: string
}

/** What a producer put in all. */
export interface PublishReport {
  readonly published: string
  readonly records: number
  /** The number of the newest record. */
  readonly last: number
  /** When its put began, in seconds on the steady clock. */
  readonly atS: number
  readonly late: number
  readonly missed: number
  /** It puts no more: this is the final count. */
  readonly resting: boolean
}

/** Where the camera's picture comes from. */
export interface PictureReport {
  readonly picture: string
  /** It is a test picture. */
  readonly drawn: boolean
}

/** The camera has written a part of a frame into shared memory, and goes on writing without ever finishing it. */
export interface UnfinishedReport {
  /** The number that the frame would have. */
  readonly unfinished: number
  readonly written: number
  readonly byteLength: number
}

/** A reader has the first frame of a camera in its hands. */
export interface MetReport {
  /** The camera's process. */
  readonly met: number
  readonly atS: number
}

/** A reader holds frames in place. */
export interface HoldingReport {
  readonly holding: number
  /** How many of them are still the pictures that the camera put. */
  readonly whole: number
}

/** What became of a request. */
export interface RequestReport {
  readonly request: number
  readonly was: 'asked' | 'resent' | 'ran' | 'answered'
}

export type Report =
  | StreamReport
  | PublishReport
  | PictureReport
  | UnfinishedReport
  | MetReport
  | HoldingReport
  | RequestReport

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

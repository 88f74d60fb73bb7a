import type { PhaseStats, StreamName } from './phase-stats.ts'

/** The two sides of a stream: what was put, as those tell who put it, and what became of it, as the reader tells. */
export interface Account {
  /** From the reader's first record on; of requests those that were asked. */
  readonly published: number
  readonly received: number
  readonly skipped: number
  readonly lost: number
}

export function accountOf(stats: PhaseStats, name: StreamName): Account {
  const { records: received, skipped, lost, first } = stats.streams[name]
  const put = name === 'inference' ? stats.requests.asked : countFrom(first, stats.producers[name].number)
  return { published: put, received, skipped, lost }
}

/** Published = received + skipped + lost. */
export function balances({ published, received, skipped, lost }: Account): boolean {
  return published === received + skipped + lost
}

/** Records from this number to the last. */
function countFrom(first: number | undefined, last: number): number {
  return first === undefined ? 0 : last - first + 1
}

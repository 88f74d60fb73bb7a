import type { Row, Statistic } from './bench.ts'
import { ratioOf } from './figure.ts'
import { overRounds, type Summary } from './statistics.ts'

/** What one bench found. */
export interface Result {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly statistic: Statistic
  /** The compared figure: the median of its values in each round, or the worst of all. */
  readonly ours: number
  readonly peer: number
  readonly peerName: string
  /** Above 1 where ours is better. */
  readonly ratio: number
  readonly oursSummary: Summary
  readonly peerSummary: Summary
  readonly rounds: number
  readonly target?: string
  readonly met?: boolean
}

export function toResult(row: Row, ours: readonly Summary[], peer: readonly Summary[]): Result {
  const oursSummary = overRounds(ours, row.figure.better)
  const peerSummary = overRounds(peer, row.figure.better)
  const figures = { ours: oursSummary[row.statistic], peer: peerSummary[row.statistic] }
  const compared = { ...figures, ratio: ratioOf(row.figure, figures.ours, figures.peer) }
  return {
    name: row.name,
    title: row.title,
    unit: row.figure.unit,
    statistic: row.statistic,
    ...compared,
    peerName: row.peerName,
    oursSummary,
    peerSummary,
    rounds: ours.length,
    ...(row.target && { target: row.target.text, met: row.target.isMet(compared) }),
  }
}

/** One entry of what `--json` writes: other programs read it, so it has these fields and no more. */
export interface ContractEntry {
  readonly name: string
  readonly unit: string
  readonly ours: number
  readonly peer: number
  readonly peerName: string
  readonly ratio: number
}

export function toContract(results: readonly Result[]): ContractEntry[] {
  return results.map(({ name, unit, ours, peer, peerName, ratio }) => ({
    name,
    unit,
    ours: rounded(ours),
    peer: rounded(peer),
    peerName,
    ratio: rounded(ratio),
  }))
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

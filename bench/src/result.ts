import type { Bench } from './bench.ts'
import { ratioOf } from './figure.ts'
import { overRounds, type Summary } from './statistics.ts'

/** What one bench found. */
export interface Result {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly statistic: 'p50' | 'p99'
  /** The compared figure, the median of its values in each round. */
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

export function toResult(bench: Bench, ours: readonly Summary[], peer: readonly Summary[]): Result {
  const oursSummary = overRounds(ours)
  const peerSummary = overRounds(peer)
  const figures = { ours: oursSummary[bench.statistic], peer: peerSummary[bench.statistic] }
  const compared = { ...figures, ratio: ratioOf(bench.figure, figures.ours, figures.peer) }
  return {
    name: bench.name,
    title: bench.title,
    unit: bench.figure.unit,
    statistic: bench.statistic,
    ...compared,
    peerName: bench.peerName,
    oursSummary,
    peerSummary,
    rounds: ours.length,
    ...(bench.target && { target: bench.target.text, met: bench.target.isMet(compared) }),
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

import { type Bench, type Row, rowsOf, type Samples } from './bench.ts'
import type { Scale } from './plan.ts'
import { type Result, toResult } from './result.ts'
import type { Sides } from './side.ts'
import type { Stage } from './stage.ts'
import { type Summary, summarise } from './statistics.ts'

/** Everything that was measured, one entry a round. */
export interface RawSamples {
  readonly ours: readonly Samples[]
  readonly peer: readonly Samples[]
}

/** Measures both sides in turns, so that whatever else the machine does meets both alike. */
export async function runBench(
  bench: Bench,
  stage: Stage,
  sides: Sides,
  scale: Scale,
  onRound: (round: number, rounds: number) => void = () => {},
): Promise<{ results: Result[]; raw: RawSamples }> {
  const contest = await bench.prepare(stage, sides)
  const rounds = bench.long ? scale.longRounds : scale.rounds
  const raw = { ours: [] as Samples[], peer: [] as Samples[] }
  for (let round = 1; round <= rounds; round++) {
    onRound(round, rounds)
    raw.ours.push(await contest.ours(scale.plan))
    raw.peer.push(await contest.peer(scale.plan))
  }
  const results = rowsOf(bench).map((row) => toResult(row, summaries(row, raw.ours), summaries(row, raw.peer)))
  return { results, raw }
}

function summaries({ name, figure }: Row, rounds: readonly Samples[]): Summary[] {
  return rounds.map((samples) => {
    const own = isOneRow(samples) ? samples : (samples[name] ?? [])
    return summarise(own.map(figure.of), figure.better)
  })
}

function isOneRow(samples: Samples): samples is readonly number[] {
  return Array.isArray(samples)
}

import type { Bench } from './bench.ts'
import type { Scale } from './plan.ts'
import { type Result, toResult } from './result.ts'
import type { Sides } from './side.ts'
import type { Stage } from './stage.ts'
import { type Summary, summarise } from './statistics.ts'

/** Everything that was measured, in nanoseconds: one array a round. */
export interface RawSamples {
  readonly ours: readonly number[][]
  readonly peer: readonly number[][]
}

/** Measures both sides in turns, so that whatever else the machine does meets both alike. */
export async function runBench(
  bench: Bench,
  stage: Stage,
  sides: Sides,
  scale: Scale,
  onRound: (round: number, rounds: number) => void = () => {},
): Promise<{ result: Result; raw: RawSamples }> {
  const contest = await bench.prepare(stage, sides)
  const rounds = bench.long ? scale.longRounds : scale.rounds
  const raw = { ours: [] as number[][], peer: [] as number[][] }
  for (let round = 1; round <= rounds; round++) {
    onRound(round, rounds)
    raw.ours.push(await contest.ours(scale.plan))
    raw.peer.push(await contest.peer(scale.plan))
  }
  const summaries = (samples: readonly number[][]): Summary[] =>
    samples.map((round) => summarise(round.map(bench.figure.of)))
  return { result: toResult(bench, summaries(raw.ours), summaries(raw.peer)), raw }
}

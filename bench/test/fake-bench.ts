import type { Bench } from '../src/bench.ts'
import { MICROSECONDS } from '../src/figure.ts'
import type { Scale } from '../src/plan.ts'
import type { Result } from '../src/result.ts'
import { type RawSamples, runBench } from '../src/run-bench.ts'
import type { Sides } from '../src/side.ts'
import { Stage } from '../src/stage.ts'

export const scale: Scale = {
  rounds: 3,
  longRounds: 2,
  plan: { warmUp: { count: 1, seconds: 1 }, count: 4, seconds: 1, pauseS: 0 },
}

/** A bench that needs no process: each side "measures" what it was given, in nanoseconds. */
export function fakeBench(ours: number, peer: number, more: Partial<Bench> = {}, turns: string[] = []): Bench {
  const measure = (name: string, ns: number) => async () => {
    turns.push(name)
    return [ns, ns, ns, ns]
  }
  return {
    name: 'fake',
    title: 'a fake',
    peerName: 'slow',
    figure: MICROSECONDS,
    statistic: 'p50',
    prepare: async () => ({ ours: measure('ours', ours), peer: measure('peer', peer) }),
    ...more,
  }
}

export async function play(bench: Bench): Promise<{ result: Result; results: Result[]; raw: RawSamples }> {
  const start = () => {
    throw new Error('a fake starts no process')
  }
  const side = { name: 'nobody', start }
  const sides: Sides = { ours: side, robotmq: side }
  const stage = new Stage()
  try {
    const { results, raw } = await runBench(bench, stage, sides, scale)
    return { result: results[0]!, results, raw }
  } finally {
    await stage.close()
  }
}

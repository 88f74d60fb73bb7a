import type { StreamReport } from '@rmq/app-kit'
import { describe, expect, it } from 'vitest'
import type { PhaseRun } from '../src/run-phase.ts'
import { PhaseStats } from '../src/stats/phase-stats.ts'
import { judge } from '../src/verdict.ts'

const empty = { records: 0, bytes: 0, skipped: 0, lost: 0, wrong: 0, latenciesMs: [] }

function run(report: Partial<StreamReport>, rest: Partial<PhaseRun> = {}): PhaseRun {
  const stats = new PhaseStats()
  stats.add({ stream: 'camera', ...empty, ...report })
  const phase = { controller: 'TypeScript', policy: 'Python' } as const
  return { phase, stats, elapsedS: 1, problems: [], ...rest }
}

describe('the verdict', () => {
  it('is content with a run in which nothing was wrong', () => {
    expect(judge(run({ records: 30, skipped: 5 }))).toEqual([])
  })

  it.each([
    [{ wrong: 1 }, /1 frames were torn/],
    [{ stream: 'joint_states', lost: 2, problem: 'gone' }, /2 joint states were lost \(first: gone\)/],
    [{ stream: 'joint_states', wrong: 1 }, /1 joint states were wrong/],
    [{ stream: 'inference', wrong: 1 }, /1 answers of the policy were wrong/],
    [{ stream: 'inference', lost: 1 }, /1 requests had no answer/],
  ])('finds %o', (report, text) => {
    expect(judge(run(report))).toEqual([expect.stringMatching(text)])
  })

  it('finds rates that are too low, but not in a run that was too short to tell', () => {
    expect(judge(run({}))).toEqual([])
    expect(judge(run({}, { elapsedS: 5 }))).toHaveLength(4)
  })

  it('passes on what went wrong otherwise', () => {
    expect(judge(run({}, { problems: ['the policy died'] }))).toEqual([expect.stringContaining('the policy died')])
  })
})

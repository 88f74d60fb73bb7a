import type { StreamReport } from '@rmq/app-kit'
import { describe, expect, it } from 'vitest'
import type { PhaseRun } from '../src/run-phase.ts'
import { PhaseStats } from '../src/stats/phase-stats.ts'
import { judge } from '../src/verdict.ts'
import { verdict } from '../src/view/texts.ts'

const empty = { records: 0, skipped: 0, lost: 0, wrong: 0, latenciesMs: [] }
const put = { atS: 1, late: 0, missed: 0, resting: true }

/** A phase of ten frames, 100 joint states and two requests, in which all was well. */
function goodStats(): PhaseStats {
  const stats = new PhaseStats()
  stats.add({ published: 'camera', records: 10, last: 10, ...put })
  stats.add({ published: 'joint_states', records: 100, last: 100, ...put })
  stats.add({ stream: 'camera', ...empty, records: 7, skipped: 2, lost: 1, first: 1, last: 10 })
  stats.add({ stream: 'joint_states', ...empty, records: 100, first: 1, last: 100 })
  stats.add({ stream: 'inference', ...empty, records: 2 })
  for (const request of [1, 2]) {
    for (const was of ['asked', 'ran', 'answered'] as const) stats.add({ request, was })
  }
  return stats
}

function run(report: Partial<StreamReport> = {}, rest: Partial<PhaseRun> = {}): PhaseRun {
  const stats = goodStats()
  stats.add({ stream: 'camera', ...empty, ...report })
  const phase = { controller: 'TypeScript', policy: 'Python', drills: [] } as const
  return { phase, stats, elapsedS: 1, outcomes: [], settled: true, problems: [], ...rest }
}

describe('the judgement', () => {
  it('is content with a run in which nothing was wrong', () => {
    expect(judge(run())).toEqual([])
  })

  it.each([
    [{ wrong: 1, problem: 'half' }, /: 1 frames were torn or out of order \(first: half\)/],
    [{ stream: 'joint_states', wrong: 1 }, /: 1 joint states were wrong/],
    [{ stream: 'inference', wrong: 1 }, /: 1 answers of the policy were wrong/],
    [{ records: 1 }, /: camera does not add up: 10 published, 8 received \+ 2 skipped \+ 1 lost/],
    [{ skipped: 1 }, /: camera does not add up/],
    [{ lost: 1 }, /: camera does not add up/],
    [{ stream: 'joint_states', records: 1 }, /: joint_states does not add up/],
  ])('finds %o', (report, text) => {
    expect(judge(run(report))).toEqual([expect.stringMatching(text)])
  })

  it('finds lost joint states and requests without an answer', () => {
    const joints = judge(run({ stream: 'joint_states', lost: 2, problem: 'gone' }))
    expect(joints[0]).toMatch(/: 2 joint states were lost \(first: gone\)/)
    expect(judge(run({ stream: 'inference', lost: 1 }))[0]).toMatch(/: 1 requests had no answer/)
  })

  it('finds requests that ran more than once, or that were answered by nobody', () => {
    const stats = goodStats()
    stats.add({ request: 2, was: 'ran' })
    stats.add({ request: 3, was: 'answered' })
    expect(judge(run({}, { stats }))).toEqual([
      expect.stringMatching(/: requests ran more than once: 2$/),
      expect.stringMatching(/: answered, and never run or asked: 3$/),
    ])
  })

  it('does not ask for balance where not everybody has come to the end', () => {
    const stats = goodStats()
    stats.add({ published: 'camera', records: 11, last: 11, ...put })
    expect(judge(run({}, { stats }))).not.toEqual([])
    expect(judge(run({}, { stats, settled: false }))).toEqual([])
  })

  it('finds rates that are too low, but not in a run that was too short to tell', () => {
    expect(judge(run())).toEqual([])
    expect(judge(run({}, { elapsedS: 5 }))).toHaveLength(4)
  })

  it('passes on what went wrong otherwise', () => {
    expect(judge(run({}, { problems: ['the policy died'] }))).toEqual([expect.stringContaining('the policy died')])
  })
})

describe('the verdict', () => {
  it('is one line at the end', () => {
    expect(verdict([], false)).toMatch(/^PASS: .*$/)
    expect(verdict([], true)).toMatch(/^stopped before its end/)
    expect(verdict(['one', 'two'], false)).toBe('✗ one\n✗ two\nFAIL: these are not as they must be')
    expect(verdict(['one'], true)).toBe('✗ one\nFAIL: this is not as it must be')
  })
})

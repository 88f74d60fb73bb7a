import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { PER_SECOND, PERCENT_OF_CPU, RECORDS } from '../src/figure.ts'
import { writeContract } from '../src/results-file.ts'
import { all, atLeast, both, times, under, underCpu } from '../src/target.ts'
import { fakeBench, play } from './fake-bench.ts'

describe('a bench', () => {
  it('measures both sides in turns', async () => {
    const turns: string[] = []
    const { raw } = await play(fakeBench(1000, 2000, {}, turns))
    expect(turns).toEqual(['ours', 'peer', 'ours', 'peer', 'ours', 'peer'])
    expect(raw.ours).toHaveLength(3)
  })

  it('has fewer rounds when a measurement takes seconds', async () => {
    expect((await play(fakeBench(1000, 2000, { long: true }))).result.rounds).toBe(2)
  })

  it('has a ratio above 1 where ours takes less time', async () => {
    const { result } = await play(fakeBench(1000, 2500))
    expect(result).toMatchObject({ unit: 'us', ours: 1, peer: 2.5, ratio: 2.5 })
  })

  it('has a ratio above 1 where ours does more', async () => {
    const { result } = await play(fakeBench(1000, 2500, { figure: PER_SECOND }))
    expect(result).toMatchObject({ unit: '1/s', ours: 1e6, peer: 4e5, ratio: 2.5 })
  })

  it('judges its target', async () => {
    const met = async (ours: number, target: ReturnType<typeof times>) =>
      (await play(fakeBench(ours, 3000, { target }))).result.met
    expect(await met(1000, times(3))).toBe(true)
    expect(await met(1001, times(3))).toBe(false)
    expect(await met(3500, times(1 / 1.2))).toBe(true)
    expect(await met(999_000, under(1000))).toBe(true)
    expect(await met(1_000_000, under(1000))).toBe(false)
    expect(await met(3150, atLeast(0.95))).toBe(true)
    expect(await met(3160, atLeast(0.95))).toBe(false)
    expect(await met(1000, both(times(3), under(2)))).toBe(true)
    expect(await met(1000, both(times(3), under(1)))).toBe(false)
    expect(await met(1001, both(times(3), under(2)))).toBe(false)
    expect((await play(fakeBench(1, 2))).result).not.toHaveProperty('met')
  })

  it('may tell several rows of one measurement', async () => {
    const cpu = {
      name: 'fake-cpu',
      title: 'its CPU',
      peerName: 'slow',
      figure: PERCENT_OF_CPU,
      statistic: 'p50',
    } as const
    const { results } = await play({
      ...fakeBench(0, 0),
      also: [{ ...cpu, target: underCpu(10) }],
      prepare: async () => ({
        ours: async () => ({ fake: [1000, 2000, 3000], 'fake-cpu': [0.05] }),
        peer: async () => ({ fake: [8000], 'fake-cpu': [0.6] }),
      }),
    })
    expect(results).toMatchObject([
      { name: 'fake', unit: 'us', ours: 2, peer: 8, ratio: 4 },
      { name: 'fake-cpu', unit: '% CPU', ours: 5, peer: 60, ratio: 12, met: true },
    ])
  })

  it('does not forgive a single round where the worst counts', async () => {
    const rounds = [100, 99, 100]
    const { result } = await play({
      ...fakeBench(0, 0, { figure: RECORDS, statistic: 'worst', target: all(100) }),
      prepare: async () => ({ ours: async () => [rounds.shift()!], peer: async () => [50] }),
    })
    expect(result).toMatchObject({ ours: 99, peer: 50, ratio: 1.98, met: false })
  })

  it('writes what other programs read, and nothing else', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'rmq-bench-test-'))
    try {
      const file = path.join(folder, 'deep/figures.json')
      writeContract(file, [(await play(fakeBench(1000, 2500, { target: times(2) }))).result])
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([
        { name: 'fake', unit: 'us', ours: 1, peer: 2.5, peerName: 'slow', ratio: 2.5 },
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

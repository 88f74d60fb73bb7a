import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { rowsOf } from '../src/bench.ts'
import { benches } from '../src/benches/index.ts'
import { withResults } from '../src/readme.ts'
import { readLatest } from '../src/results-file.ts'
import { benchRoot } from '../src/root.ts'
import { skippedText } from '../src/skip.ts'
import { textTable } from '../src/table.ts'
import { fakeBench, play } from './fake-bench.ts'

const machine = {
  date: '2026-01-02T03:04:05.000Z',
  cpu: 'a CPU',
  cores: 2,
  memoryGb: 8,
  kernel: '6.1',
  node: 'v20',
  python: '3.11',
  robotmq: '0.1.16',
  commit: 'abc',
}

describe('the list of benches', () => {
  it('has each name once, without spaces', () => {
    const names = benches.flatMap(rowsOf).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => /\s/.test(name))).toEqual([])
  })
})

describe('the report', () => {
  it('is a table with a row for each result', async () => {
    const { result } = await play(fakeBench(1000, 2500))
    const lines = textTable([result, result]).split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toMatch(/^fake .* 2\.50×$/)
  })

  it('replaces what is between the markers of the README, and only that', async () => {
    const results = [(await play(fakeBench(1000, 2500))).result]
    const text = readFileSync(path.join(benchRoot, 'README.md'), 'utf8')
    const once = withResults(text, { machine, results })
    expect(once).toContain('| a fake | µs | 1.00 | 1.00 | slow | 2.50 | 2.50 | 2.50× |')
    expect(withResults(once, { machine, results })).toBe(once)
    expect(() => withResults('no markers', { machine, results })).toThrow('README')
  })

  it('says what was not measured, and why', async () => {
    const text = readFileSync(path.join(benchRoot, 'README.md'), 'utf8')
    const skipped = [{ name: 'shm-fast', why: 'There is no compiler.' }]
    const results = [(await play(fakeBench(1000, 2500))).result]
    expect(withResults(text, { machine, results, skipped })).toContain(
      '\n\nNot measured: `shm-fast`. There is no compiler.\n<!-- end',
    )
    expect(skippedText(skipped)).toBe('✗ skipped shm-fast: There is no compiler.')
  })

  it('of the last full run is the one in the README', () => {
    const latest = readLatest()
    const text = readFileSync(path.join(benchRoot, 'README.md'), 'utf8')
    if (latest !== undefined) expect(withResults(text, latest)).toBe(text)
  })
})

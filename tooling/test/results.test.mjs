import { expect, test } from 'vitest'
import { addResults, emptyResults, summary } from '../lib/results.mjs'

test('the counts are the last line', () => {
  const lines = summary({ passed: 12, failed: [], skipped: [] }).trimEnd().split('\n')
  expect(lines.at(-1)).toBe('12 passed, 0 failed, 0 skipped')
})

test('what was skipped and what failed is listed by name, with its reason on one line', () => {
  const results = addResults([
    { passed: 1, failed: [{ name: 'a', detail: 'expected 1\nto be 2' }], skipped: [] },
    { ...emptyResults(), skipped: [{ name: 'b', detail: 'npm run venv' }] },
  ])
  const text = summary(results)
  expect(text).toContain('Skipped:\n  b\n      npm run venv')
  expect(text).toContain('Failed:\n  a\n      expected 1\n')
  expect(text.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed, 1 skipped')
})

test('tests that are skipped together for one reason take one line and count each', () => {
  const skipped = ['a', 'b', 'c'].map((name) => ({
    name,
    group: 'peers',
    detail: name === 'c' ? 'apt-get' : 'npm run venv',
  }))
  const text = summary({ ...emptyResults(), skipped })
  expect(text).toContain('Skipped:\n  peers: 2 tests\n      npm run venv\n  c\n      apt-get\n')
  expect(text).toContain('0 passed, 0 failed, 3 skipped')
})

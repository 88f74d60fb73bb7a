import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkChangesets } from '../check-changesets.mjs'

let base

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'rmq-changesets-'))
  for (const folder of ['.changeset', 'packages/core', 'bench']) mkdirSync(path.join(base, folder), { recursive: true })
  writeFileSync(path.join(base, 'packages/core/package.json'), '{ "name": "@rmq/core" }')
  writeFileSync(path.join(base, 'bench/package.json'), '{ "name": "bench", "private": true }')
})

afterEach(() => rmSync(base, { recursive: true, force: true }))

test.each([
  ['---\n"@rmq/core": minor\n---\n\nPeek is faster.\n', []],
  ["---\n'@rmq/core': patch\n---\n\nA fix.\n", []],
  ['---\n"@rmq/core": minor\n---\n', ['has no text for users']],
  ['---\n"@rmq/core": huge\n---\n\nText\n', ['@rmq/core is "huge", not major, minor or patch']],
  ['---\n"@rmq/cor": minor\n---\n\nText\n', ['names @rmq/cor, which is no published package of this repository']],
  ['---\nbench: minor\n---\n\nText\n', ['names bench, which is no published package of this repository']],
  ['A text alone\n', ['does not begin with a block between two lines of ---']],
])('%j', (text, problems) => {
  writeFileSync(path.join(base, '.changeset/a.md'), text)
  expect(checkChangesets(base)).toEqual(problems.map((problem) => `.changeset/a.md: ${problem}`))
})

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeStaleOutput } from '../lib/stale-output.mjs'

test('what was compiled from a source that is gone goes too, and nothing else', () => {
  const base = mkdtempSync(path.join(tmpdir(), 'rmq-stale-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  const kept = [
    'src/a.ts',
    'src/b/c.tsx',
    'dist/a.js',
    'dist/a.d.ts.map',
    'dist/b/c.js',
    'dist/.tsbuildinfo',
    'dist/model.onnx',
  ]
  const gone = ['dist/old.js', 'dist/old.js.map', 'dist/old.d.ts', 'dist/b/old.d.ts.map']
  for (const file of [...kept, ...gone, 'package.json']) {
    const full = path.join(base, 'packages/core', file)
    mkdirSync(path.dirname(full), { recursive: true })
    writeFileSync(full, '{}')
  }
  removeStaleOutput(base)
  const exists = (file) => existsSync(path.join(base, 'packages/core', file))
  expect(kept.filter((file) => !exists(file))).toEqual([])
  expect(gone.filter(exists)).toEqual([])
})

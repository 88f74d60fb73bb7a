import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const SOURCES = new URL('../src/', import.meta.url)

it('runs in browsers: no module of Node, no Buffer, no process', () => {
  const files = readdirSync(SOURCES).filter((file) => file.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(10)
  for (const file of files) {
    const code = readFileSync(new URL(file, SOURCES), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    expect(code, file).not.toMatch(/['"]node:|\bBuffer\b|\bprocess\b|\brequire\(/)
    for (const [, specifier] of code.matchAll(/from '([^']+)'/g)) expect(specifier, file).toMatch(/^\.\/[\w-]+\.ts$/)
  }
})

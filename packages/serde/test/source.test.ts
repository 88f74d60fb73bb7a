import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const SOURCES = new URL('../src/', import.meta.url)

/** What the runtime may lack is asked of an object that may lack it, never named alone. */
const OF_NODE = /['"]node:|(?<![.\w$])(?:Buffer|process)\b(?!\??:)|\brequire\(/

it('runs in browsers: no module of Node, no Buffer, no process', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  expect(files.length).toBeGreaterThan(10)
  for (const file of files) {
    const code = readFileSync(new URL(file, SOURCES), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    expect(code, file).not.toMatch(OF_NODE)
    for (const [, specifier] of code.matchAll(/from '([^']+)'/g)) {
      expect(specifier, file).toMatch(/^(?:\.\.?\/[\w/-]+\.ts|fflate)$/)
    }
  }
})

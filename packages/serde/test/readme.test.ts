import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, it, vi } from 'vitest'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const EXAMPLES = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)

it.each(EXAMPLES)('the code in the README prints what it says (%#)', async (code) => {
  const expected = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)/g)].map(([, printed]) => printed)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
    printed.push(values.map((value) => inspect(value)).join(' '))
  })
  const folder = mkdtempSync(join(tmpdir(), 'serde-readme-'))
  try {
    const file = join(folder, 'example.ts')
    writeFileSync(
      file,
      code.replaceAll("'@rmq/serde'", JSON.stringify(new URL('../src/index.ts', import.meta.url).pathname)),
    )
    await import(/* @vite-ignore */ file)
  } finally {
    log.mockRestore()
    rmSync(folder, { recursive: true })
  }
  expect(printed).toEqual(expected)
})

it('there is code in the README', () => {
  expect(EXAMPLES.length).toBeGreaterThan(1)
})

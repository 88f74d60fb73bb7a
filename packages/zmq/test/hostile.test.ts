import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('../scripts/hostile-frames.mjs', import.meta.url))

test('tens of thousands of hostile messages: the server lives, serves the others, and keeps its memory', async () => {
  const said = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [script, '60000', '7'], (error, out, complaint) => {
      if (error === null) resolve(out)
      else reject(new Error(`${out}${complaint}${error.message}`))
    })
  })
  const report = JSON.parse(said) as { ok: boolean; messages: number; malformed: number; answers: number }
  expect(report).toMatchObject({ ok: true, messages: 60_000 })
  // Most of them were wrong, and were told so.
  expect(report.malformed).toBeGreaterThan(30_000)
  expect(report.answers).toBeGreaterThan(10_000)
})

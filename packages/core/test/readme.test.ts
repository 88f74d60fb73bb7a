import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'

const program = fileURLToPath(new URL('./support/readme-code.mjs', import.meta.url))
afterAll(() => rmSync(program, { force: true }))

test('the code of the README prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const code = /```js\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const says = /\/\/ (.*)/.exec(code)?.[1]
  writeFileSync(program, code)
  const { stdout } = await promisify(execFile)(process.execPath, [program])
  expect(stdout.trim()).toBe(says)
})

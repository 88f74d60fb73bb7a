import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

test('the code in the README runs', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code] = /```ts\n(.*?)```/s.exec(readme)!
  const program = code!.replaceAll('/tmp/robot', folder)
  // From the root, which knows robotmq; this package is one of its parts and does not.
  const cwd = fileURLToPath(new URL('../../..', import.meta.url))
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd, encoding: 'utf8' })
  expect(output).toBe('921600 7\n')
})

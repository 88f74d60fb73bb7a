import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { uniqueName } from './support/queues.ts'

test('the code in docs/queue.md runs', () => {
  const page = readFileSync(new URL('../../docs/queue.md', import.meta.url), 'utf8')
  const [, code] = /```ts\n(.*?)```/s.exec(page)!
  const program = code!.replaceAll("'jobs'", `'${uniqueName()}'`)
  // From the root, which knows robotmq; this package is one of its parts and does not.
  const cwd = fileURLToPath(new URL('../../../..', import.meta.url))
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd, encoding: 'utf8' })
  expect(output).toBe('Uint8Array(3) [ 1, 2, 3 ]\n')
})

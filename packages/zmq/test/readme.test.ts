import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startNode } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'

test('the code in the README runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code] = /```ts\n(.*?)```/s.exec(readme)!
  const child = startNode(code!.replaceAll('ipc:///tmp/robot/camera', freshEndpoint()))
  expect(await child.line()).toContain('1, 2, 3')
  expect(await child.exit, child.stderr()).toBe(0)
})

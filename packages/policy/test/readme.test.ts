import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, freshIpc } from './support/gateway.ts'

/** Machines without a build of bufferutil do what it does in JavaScript. */
const pureJavaScript = { WS_NO_BUFFER_UTIL: '1' }

test.each([{}, pureJavaScript])('the code in the README runs with %j', async (env) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code] = /```js\n(.*?)```/s.exec(readme)!
  const program = code!
    .replaceAll('ipc:///tmp/feeds/policy', freshIpc())
    .replaceAll('8000', String(await freePort()))
    .replaceAll('5555', String(await freePort()))
  // Beside the tests, where the package is found by its name.
  const file = fileURLToPath(new URL(`./readme-${process.pid}.mjs`, import.meta.url))
  writeFileSync(file, program)
  onTestFinished(() => rmSync(file))
  const { stdout } = await promisify(execFile)(process.execPath, [file], {
    timeout: 20_000,
    env: { ...process.env, ...env },
  })
  expect(stdout).toBe('example [ 7 ] 1\n')
})

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { Child } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'

const folder = new URL('./support/programs/', import.meta.url)
const written: URL[] = []
afterAll(() => {
  for (const file of written) rmSync(file, { force: true })
})

test('the programs of the README meet', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [ipc, tcp] = [await freshEndpoint('ipc'), await freshEndpoint('tcp')]
  for (const [, name, code] of readme.matchAll(/`(\w+\.mjs)`:\n\n```js\n(.*?)```/gs)) {
    const file = new URL(`readme-${name}`, folder)
    written.push(file)
    writeFileSync(file, code!.replaceAll('ipc:///tmp/feeds/0', ipc).replaceAll('tcp://127.0.0.1:5555', tcp))
  }
  const camera = new Child('readme-camera.mjs')
  const controller = new Child('readme-controller.mjs')
  expect(await controller.line('')).toMatch(/^\d+ \[ 480, 640, 3 \] 0\.\d+/)
  expect(await controller.exited).toEqual({ code: 0, signal: null })
  camera.process.kill('SIGINT')
  expect(await camera.exited, camera.errorText).toEqual({ code: 0, signal: null })
})

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { endPrograms, needPython, RunningProgram, waitFor } from '@rmq/app-kit/testing'
import { RMQClient } from 'robotmq'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const readme = readFileSync(path.join(root, 'README.md'), 'utf8')
/** The blocks that name a file. */
const blocks = new Map(
  [...readme.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms)].map(([, name, code]) => [name!, code!]),
)

const sockets = mkdtempSync(path.join(tmpdir(), 'rmq-readme-'))
// Inside of the package, so that `import 'robotmq'` finds what it finds for everybody.
const cache = fileURLToPath(new URL('../.cache', import.meta.url))
let folder: string

function start(name: string, command = process.execPath): RunningProgram {
  return new RunningProgram(command, [path.join(folder, name.replace(/\.ts$/, '.js'))])
}

async function served(socket: string, topic: string): Promise<void> {
  const client = await RMQClient.connect('test', `ipc://${sockets}/${socket}`)
  await waitFor(async () => (await client.getTopicStatus(topic)) >= 0, `topic ${topic}`)
  await client.close()
}

beforeAll(() => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(path.join(cache, 'readme-'))
  for (const [name, code] of blocks) {
    // Sockets of the test's own, and any free port.
    const own = code.replaceAll('/tmp/feeds', sockets).replace('127.0.0.1:5555', '127.0.0.1:0')
    expect(own, `${name} names an endpoint`).toContain(sockets)
    writeFileSync(path.join(folder, name), own)
  }
  const options = {
    extends: path.join(root, 'tsconfig.base.json'),
    compilerOptions: { composite: false, types: ['node'] },
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(options))
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  execFileSync(path.join(root, 'node_modules/.bin/tsc'), ['-p', folder], { stdio: 'inherit' })
})

afterEach(endPrograms)

afterAll(() => {
  for (const made of [folder, sockets]) rmSync(made, { recursive: true, force: true })
})

describe("the README's programs", () => {
  for (const [policyFile, controllerFile] of [
    ['policy.ts', 'controller.ts'],
    ['policy.py', 'controller.ts'],
    ['policy.ts', 'controller.py'],
  ] as const) {
    it(`camera.ts, ${policyFile} and ${controllerFile} talk`, async (context) => {
      const command = async (name: string) =>
        name.endsWith('.py') ? (await needPython(context)).file : process.execPath
      const camera = start('camera.ts')
      const policy = start(policyFile, await command(policyFile))
      await Promise.all([served('camera', 'camera'), served('policy', 'inference')])
      const controller = start(controllerFile, await command(controllerFile))
      expect(await controller.ended, controller.stderr).toEqual({ code: 0, signal: null })
      const line = /^frame (\d+).*: \(?16, ?7\)? actions from ([\d.]+)$/
      const lines = controller.stdout.trim().split('\n')
      expect(lines.length).toBeGreaterThan(0)
      for (const text of lines) {
        const [, frameId, action] = text.match(line) ?? [text]
        expect(Number(action)).toBeCloseTo((Number(frameId) % 256) / 255, 5)
      }
      expect(await camera.end('SIGINT'), camera.stderr).toEqual({ code: 0, signal: null })
      if (policyFile.endsWith('.ts')) {
        expect(await policy.end('SIGINT'), policy.stderr).toEqual({ code: 0, signal: null })
      }
    })
  }

  it('await-using.ts reads and closes by itself', async () => {
    start('camera.ts')
    await served('camera', 'camera')
    const viewer = start('await-using.ts')
    expect(await viewer.ended, viewer.stderr).toEqual({ code: 0, signal: null })
    expect(viewer.stdout).toMatch(/^\d+ frames\n$/)
  })
})

it('the README runs every program that it shows', () => {
  const shown = [...readme.matchAll(/^```(ts|js|python)(.*)$/gm)]
  expect(shown.every(([, , rest]) => rest!.startsWith(' file='))).toBe(true)
  expect([...blocks.keys()].sort()).toEqual(
    ['await-using.ts', 'camera.ts', 'controller.py', 'controller.ts', 'policy.py', 'policy.ts'].sort(),
  )
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { endPrograms, needPython, RunningProgram } from '@rmq/app-kit/testing'
import { PolicyClient } from '@rmq/policy'
import { NDArray, type RmqError } from 'robotmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inferActions } from '../src/drift/infer-actions.ts'
import { farthest, readGolden } from './support/golden.ts'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const robot = fileURLToPath(new URL('./support/client.py', import.meta.url))
const STATES = 64
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-policy-app-'))
})

afterEach(async () => {
  await endPrograms()
  rmSync(folder, { recursive: true, force: true })
})

interface App {
  readonly program: RunningProgram
  readonly urls: Readonly<Record<'ipc' | 'openpi' | 'groot', string>>
}

/** The app on all three dialects. */
async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<App> {
  const endpoints = ['--endpoint', `ipc://${folder}/p`, '--openpi', '0', '--groot', 'tcp://127.0.0.1:0']
  const program = new RunningProgram(process.execPath, [main, ...endpoints, ...args], env)
  await program.printed(/listening on groot:.*\n/)
  const url = (scheme: string) => new RegExp(`${scheme}://\\S+`).exec(program.stdout)![0]
  return { program, urls: { ipc: url('ipc'), openpi: url('openpi'), groot: url('groot') } }
}

function startRobot(python: string, { urls }: App, dialect: 'openpi' | 'robotmq' | 'groot', rounds: number) {
  const address = {
    openpi: new URL(urls.openpi).port,
    robotmq: urls.ipc,
    groot: urls.groot.replace('groot:', 'tcp:'),
  }
  const env = { PYTHONDONTWRITEBYTECODE: '1', no_proxy: '*' }
  return new RunningProgram(python, [robot, dialect, address[dialect], `${rounds}`], env)
}

describe('the network that walks a Go2', () => {
  it("answers Python's openpi, robotmq and GR00T clients as Python's onnxruntime does, whoever is killed", async (context) => {
    const { file } = await needPython(context)
    const app = await start(['--policy', 'go2', '--batch', '8'])
    const endless = (['openpi', 'robotmq', 'groot'] as const).map((dialect) => startRobot(file, app, dialect, 1e6))
    await Promise.all(endless.map((client) => client.printed('asking')))
    for (const client of endless) await client.end('SIGKILL')
    const clients = (['openpi', 'robotmq', 'groot'] as const).map((dialect) => startRobot(file, app, dialect, 3))
    for (const client of clients) {
      expect(await client.ended, client.stderr).toEqual({ code: 0, signal: null })
      const { answers, farthest } = JSON.parse(client.stdout.split('\n').at(-2)!)
      expect(answers).toBe(3 * STATES)
      expect(farthest).toBeLessThan(1e-5)
    }
    expect((await fetch(`${app.urls.openpi.replace('openpi', 'http')}/healthz`)).status).toBe(200)
    expect(await app.program.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(Number(/answered (\d+)/.exec(app.program.stdout)![1])).toBeGreaterThanOrEqual(12 * STATES)
    expect(app.program.stdout).not.toMatch(/failed|malformed|refused/)
    expect(app.program.stderr).toBe('')
  })

  it('answers PolicyClient at each of its addresses', async () => {
    const app = await start(['--policy', 'go2'])
    const { states, go2 } = readGolden()
    for (const url of Object.values(app.urls)) {
      const client = await PolicyClient.connect(url)
      expect(client.metadata).toEqual({ policy: 'go2', state_size: 45 })
      for (const index of [0, 1, 63]) {
        const { actions } = await client.infer({ state: states.slice(index) })
        expect(farthest(actions as NDArray, go2.slice(index))).toBeLessThan(1e-5)
      }
      await client.close()
    }
    expect(await app.program.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(app.program.stdout).toMatch(/^ended: answered 9$/m)
  })
})

describe('the program', () => {
  // Machines without a build of bufferutil do what it does in JavaScript.
  it.each([{}, { WS_NO_BUFFER_UTIL: '1' }])('reads pictures over a WebSocket with %j', async (env) => {
    const app = await start([], env)
    const client = await PolicyClient.connect(app.urls.openpi)
    const pixels = Uint8Array.from({ length: 480 * 640 * 3 }, (_, at) => at % 251)
    const image = NDArray.fromBytes(pixels, 'uint8', [480, 640, 3])
    const joints = NDArray.from([0, 0.5, -1])
    const { actions } = await client.infer({ image, joints })
    expect((actions as NDArray).equals(inferActions(image, joints.data as Float64Array))).toBe(true)
    await client.close()
    expect(await app.program.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('answers at SIGTERM what it has begun, then ends', async () => {
    const app = await start(['--report'])
    const client = await PolicyClient.connect(app.urls.openpi, { timeoutS: 20 })
    // A picture so large that the policy computes for a while.
    const image = NDArray.zeros([4000, 4000, 3], 'uint8')
    const joints = NDArray.zeros([7], 'float64')
    const answer = client.infer({ image, joints, request: 1 }, { timeoutS: 20 })
    await app.program.printed('{"request":1,"was":"ran"}')
    const ended = app.program.end('SIGTERM')
    expect(((await answer)['actions'] as NDArray).shape).toEqual([16, 7])
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(app.program.stdout).toMatch(/^ended: answered 1$/m)
    const late = client.infer({ joints }, { timeoutS: 0.2 }).catch((error: RmqError) => error.code)
    expect(['TIMEOUT', 'DISCONNECTED']).toContain(await late)
    await client.close()
  })

  it.each([
    [['--policy', 'dance', '--openpi', '0'], 2, '--policy must be drift, go2 or the path of an .onnx file, got dance'],
    [['--policy', 'go2'], 2, 'say whom to serve: --endpoint, --openpi or --groot'],
    [['--openpi', '0', '--policy', '/nowhere.onnx'], 1, '/nowhere.onnx'],
  ])('says what is wrong with %j', async (args, code, text) => {
    const program = new RunningProgram(process.execPath, [main, ...args])
    expect(await program.ended).toEqual({ code, signal: null })
    expect(program.stderr).toContain(text)
  })
})

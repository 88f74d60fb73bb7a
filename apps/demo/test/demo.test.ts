import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { endPrograms, needPython, processesWith, RunningProgram, waitFor } from '@rmq/app-kit/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const LIMIT_MS = 90_000
let folder: string

/** Its folder is in its environment and in that of all that it starts. */
function start(env: Readonly<Record<string, string>>, ...args: readonly string[]): RunningProgram {
  return new RunningProgram(process.execPath, [main, '--test-picture', ...args], { TMPDIR: folder, ...env })
}

const withoutPython = { RMQ_PYTHON: '/nonexistent/python', RMQ_REQUIRE_ALL: '' }

const processOf = (name: string) => processesWith(folder).find(({ command }) => command.includes(name))

/** Waits until the controller acts. */
const acting = (program: RunningProgram) => program.printed(/joint_states .*\n.*inference/, 40)

function expectNothingLeft(): void {
  expect(processesWith(folder)).toEqual([])
  expect(readdirSync(folder)).toEqual([])
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-demo-test-'))
})

afterEach(async () => {
  await endPrograms()
  await waitFor(() => processesWith(folder).length === 0, 'the end of all that the demo started')
  rmSync(folder, { recursive: true, force: true })
})

describe('the demo', { timeout: LIMIT_MS }, () => {
  it('lets TypeScript and Python talk both ways round, and all is as it must be', async (context) => {
    const { robotmqVersion } = await needPython(context)
    const program = start({}, '--seconds', '8')
    expect(await program.ended, program.stdout + program.stderr).toEqual({ code: 0, signal: null })
    const { stdout } = program
    expect(stdout).toContain(`Python is the original robotmq ${robotmqVersion}`)
    expect(stdout).toMatch(/^camera +TypeScript +640x480 rgb at 30 Hz: a moving test picture$/m)
    for (const title of ['TypeScript controller, Python policy, 4', 'Python controller, TypeScript policy, 4']) {
      const summary = stdout.slice(stdout.lastIndexOf(title))
      expect(summary).toMatch(/^camera +camera → controller +[\d.]+ Hz +[\d.]+ ms +[\d.]+ \/ [\d.]+ ms +– +\d+ +0 /m)
      expect(summary).toMatch(/^joint_states +robot → logger +\d+\.\d Hz .* 0 +[\d.]+ kB\/s$/m)
      expect(summary).toMatch(/^inference +controller → policy +[\d.]+ Hz .* [\d.]+ \/ [\d.]+ ms +– +0 /m)
      expect(summary).toMatch(/^camera put \d+ frames .*; \d+ answers of the policy, all right to the last bit$/m)
    }
    expect(stdout).toMatch(/\n✓ every joint state arrived once and in order.*\n$/)
    expectNothingLeft()
  })

  it('runs in TypeScript alone without Python, and says so', async () => {
    const program = start(withoutPython, '--seconds', '3')
    expect(await program.ended, program.stdout + program.stderr).toEqual({ code: 0, signal: null })
    expect(program.stderr).toContain('No Python takes part: there is no /nonexistent/python. To make it: npm run venv')
    expect(program.stdout).toContain('TypeScript controller, TypeScript policy, 3')
    expectNothingLeft()
  })

  it('fails without Python when all is required', async () => {
    const program = start({ ...withoutPython, RMQ_REQUIRE_ALL: '1' })
    expect(await program.ended).toEqual({ code: 1, signal: null })
    expect(program.stderr).toContain('RMQ_REQUIRE_ALL asks for Python, and there is no /nonexistent/python')
    expectNothingLeft()
  })

  it('leaves cleanly on Ctrl-C in the middle', async () => {
    const program = start(withoutPython)
    await acting(program)
    expect(await program.end('SIGINT')).toEqual({ code: 130, signal: null })
    expect(program.stdout).toMatch(/\nstopped before its end; until then all was as it must be\n$/)
    expectNothingLeft()
  })

  it('leaves cleanly on Ctrl-C while it starts', async () => {
    const program = start(withoutPython)
    await waitFor(() => processOf('robot/dist/main.js'), 'the robot')
    expect(await program.end('SIGINT')).toEqual({ code: 130, signal: null })
    expectNothingLeft()
  })

  it('takes Ctrl-C for the end, and not for a failure, when it was to run for ever', async () => {
    const program = start(withoutPython, '--forever', '--seconds', '4')
    await waitFor(() => processOf('/policy-1 '), 'the second round', 40)
    expect(await program.end('SIGINT'), program.stdout).toEqual({ code: 0, signal: null })
    expect(program.stdout).toMatch(/\n✓ [^\n]*\n$/)
    expectNothingLeft()
  })

  it.each([
    ['camera', 'camera/dist/main.js'],
    ['controller', 'controller-main.js'],
    ['policy', 'policy/dist/main.js'],
  ])('ends with a verdict when the %s is killed', async (name, file) => {
    const program = start(withoutPython)
    await acting(program)
    process.kill(processOf(file)!.pid, 'SIGKILL')
    expect(await program.ended).toEqual({ code: 1, signal: null })
    expect(program.stdout).toContain(`✗ the ${name} was killed by SIGKILL before its time`)
    expectNothingLeft()
  })

  it('takes all its programs along even when it is killed itself', async (context) => {
    await needPython(context)
    const program = start({})
    await acting(program)
    expect(processOf('policy_server.py')).toBeDefined()
    await program.end('SIGKILL')
    await waitFor(() => processesWith(folder).length === 0, 'the end of all that the demo started')
  })

  it('refuses a wrong command line with exit code 2', async () => {
    const program = start({}, '--seconds', 'many')
    expect(await program.ended).toEqual({ code: 2, signal: null })
    expect(program.stderr).toContain('--seconds must be a number greater than 0, got many')
  })
})

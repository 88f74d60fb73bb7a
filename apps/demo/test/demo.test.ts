import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { endPrograms, needPython, processesWith, RunningProgram, waitFor } from '@rmq/app-kit/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const LIMIT_MS = 180_000
let folder: string

/** Its folder is in its environment and in that of all that it starts. */
function start(env: Readonly<Record<string, string>>, ...args: readonly string[]): RunningProgram {
  return new RunningProgram(process.execPath, [main, '--test-picture', ...args], { TMPDIR: folder, ...env })
}

const withoutPython = { RMQ_PYTHON: '/nonexistent/python', RMQ_REQUIRE_ALL: '' }

const processOf = (name: string) => processesWith(folder).find(({ command }) => command.includes(name))

/** Waits until the controller acts. */
const acting = (program: RunningProgram) => program.printed(/joint_states .*\n.*inference/, 40)

const isStopped = (pid: number) => /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

/** Segments that these processes made, and that are still there. */
function segmentsOf(pids: ReadonlySet<number>): readonly string[] {
  return readdirSync('/dev/shm').filter((name) => {
    if (!name.startsWith('rmq.')) return false
    try {
      const head = Buffer.alloc(2 ** 16)
      const file = openSync(path.join('/dev/shm', name), 'r')
      readSync(file, head)
      closeSync(file)
      const [, pid] = head.toString('latin1').match(/"pid":(\d+)/) ?? []
      return pids.has(Number(pid))
    } catch {
      return false // Removed meanwhile.
    }
  })
}

/** From the last line that begins with the title to the end. */
const summaryOf = (stdout: string, title: string) => stdout.slice(stdout.lastIndexOf(`\n${title}, `))

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
    const program = start({}, '--seconds', '1')
    const cameras = new Set<number>()
    let segments: readonly string[] = []
    const watch = setInterval(() => {
      const camera = processOf('camera/dist/main.js')
      if (camera !== undefined) cameras.add(camera.pid)
      segments = [...segments, ...segmentsOf(cameras)]
    }, 200)
    expect(await program.ended, program.stdout + program.stderr).toEqual({ code: 0, signal: null })
    clearInterval(watch)
    expect([cameras.size, new Set(segments).size]).toEqual([4, 4])
    expect(segmentsOf(cameras)).toEqual([])
    const { stdout } = program
    expect(stdout).toContain(`Python is the original robotmq ${robotmqVersion}`)
    expect(stdout).toMatch(/^camera +TypeScript +640x480 rgb at 30 Hz in shared memory: a moving test picture$/m)
    for (const title of ['TypeScript controller, Python policy', 'Python controller, TypeScript policy']) {
      const summary = summaryOf(stdout, title)
      expect(summary).toMatch(
        /^- kill -9 of a reader holding [789] frames, all whole: .* [\d.]+ ms, their memory free after [\d.]+ s$/m,
      )
      expect(summary).toMatch(
        /^- kill -9 of the camera with 50 % of frame \d+ written: .* controller's hands after [\d.]+ s$/m,
      )
      for (const row of [
        'camera +camera → controller',
        'joint_states +robot → logger',
        'inference +controller → policy',
      ]) {
        const numbers = new RegExp(`^${row} +[\\d.]+ Hz +[\\d.]+ / [\\d.]+ ms +(\\d+) +(\\d+) +(\\d+) +(\\d+) +0$`, 'm')
        const [published, received, skipped, lost] = (summary.match(numbers) ?? []).slice(1).map(Number)
        expect(published, summary).toBeGreaterThan(0)
        expect(published).toBe(received! + skipped! + lost!)
      }
    }
    expect(summaryOf(stdout, 'TypeScript controller, Python policy')).toMatch(
      /^- policy hung for 3 s: frames at [\d.]+ Hz, joints at [\d.]+ Hz; .* was sent [2345] times, ran once, answered/m,
    )
    expect(stdout).toMatch(/\nPASS: [^\n]*\n$/)
    expectNothingLeft()
  })

  it('runs in TypeScript alone without Python, and says so', async () => {
    const program = start(withoutPython, '--seconds', '1')
    expect(await program.ended, program.stdout + program.stderr).toEqual({ code: 0, signal: null })
    expect(program.stderr).toContain('No Python takes part: there is no /nonexistent/python. To make it: npm run venv')
    expect(summaryOf(program.stdout, 'TypeScript controller, TypeScript policy').match(/^- /gm)).toHaveLength(3)
    expect(program.stdout).toMatch(/\nPASS: [^\n]*\n$/)
    expectNothingLeft()
  })

  it('fails without Python when all is required', async () => {
    const program = start({ ...withoutPython, RMQ_REQUIRE_ALL: '1' })
    expect(await program.ended).toEqual({ code: 1, signal: null })
    expect(program.stderr).toContain('RMQ_REQUIRE_ALL asks for Python, and there is no /nonexistent/python')
    expectNothingLeft()
  })

  it('fails without the native addon, and says what to do', async () => {
    // The loader then takes only addons that came with an installation, and there are none for musl.
    const program = start({ ...withoutPython, PREBUILDS_ONLY: '1', LIBC: 'musl' })
    expect(await program.ended).toEqual({ code: 1, signal: null })
    expect(program.stdout).toMatch(/the camera ended with exit code 1 before its time/)
    expect(program.stdout).toMatch(/NATIVE_ADDON_MISSING: .*Install g\+\+, cmake and make/)
    expect(program.stdout).toMatch(/\nFAIL: [^\n]*\n$/)
    expectNothingLeft()
  })

  it('leaves cleanly on Ctrl-C while the policy hangs', async () => {
    const program = start(withoutPython)
    await waitFor(() => processOf('brake-main.js') && isStopped(processOf('policy/dist/main.js')!.pid), 'the hang', 40)
    expect(await program.end('SIGINT'), program.stdout).toEqual({ code: 130, signal: null })
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
    await waitFor(() => processOf('/policy-1 '), 'the second round', 60)
    expect(await program.end('SIGINT'), program.stdout).toEqual({ code: 0, signal: null })
    expect(program.stdout).toMatch(/\nPASS: [^\n]*\n$/)
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
    expect(program.stdout).toMatch(/\nFAIL: [^\n]*\n$/)
    expectNothingLeft()
  })

  it('takes all its programs along even when it is killed itself, and a stopped policy too', async (context) => {
    await needPython(context)
    const program = start({})
    await waitFor(() => processOf('brake-main.js') && isStopped(processOf('policy_server.py')!.pid), 'the hang', 40)
    await program.end('SIGKILL')
    await waitFor(() => processesWith(folder).length === 0, 'the end of all that the demo started')
  })

  it('refuses a wrong command line with exit code 2', async () => {
    const program = start({}, '--seconds', 'many')
    expect(await program.ended).toEqual({ code: 2, signal: null })
    expect(program.stderr).toContain('--seconds must be a number greater than 0, got many')
  })
})

import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { describeWithOwnFolder, OwnFolder } from './support/own-folder.ts'
import { describeWithPython, PYTHON, pythonProgram } from './support/python-server.ts'
import { killAll, type Running } from './support/rmq.ts'
import { freshEndpoint, removeFolders } from './support/serve.ts'

afterEach(killAll)
afterAll(removeFolders)

async function serve(folder: OwnFolder, ...topics: readonly string[]): Promise<Running> {
  const options = topics.flatMap((topic) => ['--shm-topic', `${topic}:60:1`])
  const server = folder.startRmq('serve', '--endpoint', freshEndpoint(), ...options)
  return server.until(({ stdout }) => stdout.includes('listening on'))
}

describeWithOwnFolder('rmq shm', () => {
  let folder: OwnFolder

  beforeEach(async () => {
    folder = await OwnFolder.make('256m')
  })

  test('of an empty /dev/shm shows nothing, and removes nothing', async () => {
    const [list, json, clean] = await Promise.all([
      folder.rmq('shm', 'ls'),
      folder.rmq('shm', 'ls', '--json'),
      folder.rmq('shm', 'clean', '--json'),
    ])
    expect(list).toMatchObject({ code: 0, stderr: '' })
    expect(list.stdout).toMatch(/^KIND +NAME +OWNER +ALIVE +PIDS +SIZE +RECORDS +LEASES +AGE +ABI +FILE +NOTE\n$/)
    expect(json).toMatchObject({ code: 0, stdout: '[]\n' })
    expect(JSON.parse(clean.stdout)).toEqual({ dryRun: false, removed: [], left: [], freedBytes: 0 })
  })

  test('shows who is dead, and clean removes that and nothing else', async () => {
    const living = await serve(folder, 'camera')
    const doomed = await serve(folder, 'a:b', 'joints')
    await doomed.end('SIGKILL')
    await folder.sh(`echo nonsense > /dev/shm/rmq.${'e'.repeat(32)}; chmod 600 /dev/shm/rmq.*`)

    const { stdout } = await folder.rmq('shm', 'ls')
    const rows = stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .toSorted((a, b) => (a.slice(7) < b.slice(7) ? -1 : 1))
    expect(rows).toEqual([
      expect.stringMatching(/^topic +- +\w+ +no +- +9 B +- +- .* s +- +rmq\.e{32} +not made by @rmq\/shm/),
      expect.stringMatching(/^topic +a:b +\w+ +no +- +1\.\d MB +0 +0 +[\d.]+ s +2 +rmq\.[0-9a-f]{32}$/),
      expect.stringMatching(new RegExp(`^topic +camera +\\w+ +yes +${living.child.pid} +1\\.\\d MB +0 +0 `)),
      expect.stringMatching(/^topic +joints +\w+ +no +- /),
    ])

    const before = await folder.files()
    const dry = await folder.rmq('shm', 'clean', '--dry-run')
    expect(dry).toMatchObject({ code: 0, stderr: '' })
    expect(dry.stdout).toMatch(/^would remove +topic +joints +1\.\d MB /m)
    expect(dry.stdout).toMatch(/\nWould remove 2 files and free 2\.\d MB\.\n$/)
    expect(await folder.files()).toEqual(before)

    const clean = await folder.rmq('shm', 'clean')
    expect(clean.code).toBe(0)
    expect(clean.stdout).toMatch(/^left +topic +camera .* a living process holds it$/m)
    expect(clean.stdout).toMatch(/\nRemoved 2 files, freed 2\.\d MB\.\n$/)
    const after = await folder.files()
    const gone = before.filter((name) => !after.includes(name))
    expect(gone).toHaveLength(4)
    expect(await living.end('SIGINT')).toMatchObject({ code: 0 })
  })

  describeWithPython('beside original robotmq servers', () => {
    test('what a living one has stays, what a killed one left goes', async () => {
      const start = () => {
        const program = pythonProgram('python_shm_server.py')
        const server = folder.start(PYTHON, program, freshEndpoint(), '0.01')
        return server.until(({ stdout }) => stdout.includes('ready\n'))
      }
      const [living, stopped, killed] = await Promise.all([start(), start(), start()])
      stopped.child.kill('SIGSTOP')
      const own = (server: Running, files: readonly string[]) =>
        files.filter((name) => name.includes(`_${server.child.pid}_original_frames`))
      expect(own(killed, await folder.files())).toHaveLength(2)
      const early = JSON.parse((await folder.rmq('shm', 'clean', '--json')).stdout)
      expect(early.removed).toEqual([])
      await killed.end('SIGKILL')

      const listed = JSON.parse((await folder.rmq('shm', 'ls', '--json')).stdout)
      expect(listed).toHaveLength(3)
      for (const file of listed) {
        expect(file).toMatchObject({ kind: 'robotmq topic', name: 'original_frames' })
        expect(file.held).toBe(file.creatorPid !== killed.child.pid)
      }
      const clean = await folder.rmq('shm', 'clean')
      expect(clean.stdout).toMatch(/^removed +robotmq topic +original_frames /m)
      const files = await folder.files()
      expect([living, stopped, killed].map((server) => own(server, files).length)).toEqual([2, 2, 0])
    })
  })
})

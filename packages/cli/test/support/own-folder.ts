import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, onTestFinished } from 'vitest'
import { type Result, RMQ, Running } from './rmq.ts'

/** As root the one, else the other, where the system lets users have namespaces. */
const WAYS = [
  { unshare: ['--mount'], nsenter: ['--mount'] },
  { unshare: ['--user', '--map-root-user', '--mount'], nsenter: ['--user', '--preserve-credentials', '--mount'] },
]
const mount = (size: string) => `mount -t tmpfs -o size=${size},mode=1777 none /dev/shm`
const way = WAYS.find(({ unshare }) => spawnSync('unshare', [...unshare, 'sh', '-c', mount('1m')]).status === 0)

/** A suite whose commands have a /dev/shm of their own: what they remove is nobody else's. */
export function describeWithOwnFolder(name: string, suite: () => void): void {
  if (way === undefined && process.env['RMQ_REQUIRE_ALL'] === '1') {
    throw new Error('This machine gives no mount namespaces: run the tests as root.')
  }
  const title = way === undefined ? `${name} (skipped: needs a mount namespace, run the tests as root)` : name
  describe.skipIf(way === undefined)(title, suite)
}

/** A /dev/shm that only the commands started here see, empty at first; it goes when the test ends. */
export class OwnFolder {
  readonly #enter: readonly string[]

  private constructor(enter: readonly string[]) {
    this.#enter = enter
  }

  /** @param size as `mount` takes it */
  static async make(size: string): Promise<OwnFolder> {
    const { unshare, nsenter } = way as (typeof WAYS)[number]
    // It ends with its input, and so with the test's process.
    const keeper = spawn('unshare', [...unshare, 'sh', '-c', `${mount(size)} && echo ready && exec cat`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    onTestFinished(() => void keeper.stdin.end())
    await once(keeper.stdout, 'data')
    return new OwnFolder([`--target=${keeper.pid}`, ...nsenter, '--'])
  }

  start(command: string, ...args: readonly string[]): Running {
    return new Running('nsenter', [...this.#enter, command, ...args])
  }

  startRmq(...args: readonly string[]): Running {
    return this.start(process.execPath, RMQ, ...args)
  }

  rmq(...args: readonly string[]): Promise<Result> {
    return this.startRmq(...args).exited
  }

  /** @returns what the script prints */
  async sh(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.start('sh', '-c', script).exited
    if (code !== 0) throw new Error(stderr)
    return stdout
  }

  async files(): Promise<string[]> {
    return (await this.sh('ls -A /dev/shm')).split('\n').filter(Boolean)
  }
}

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, onTestFinished } from 'vitest'

/** As root the one, else the other, where the system lets users have namespaces. */
const WAYS = [
  { unshare: ['--mount'], nsenter: ['--mount'] },
  { unshare: ['--user', '--map-root-user', '--mount'], nsenter: ['--user', '--preserve-credentials', '--mount'] },
]
const MOUNT = 'mount -t tmpfs -o size=256m,mode=1777 none /dev/shm'
const way = WAYS.find(({ unshare }) => spawnSync('unshare', [...unshare, 'sh', '-c', MOUNT]).status === 0)

/** A suite whose processes have a /dev/shm of their own: what they remove is nobody else's. */
export function describeWithOwnFolder(name: string, suite: () => void): void {
  if (way === undefined && process.env['RMQ_REQUIRE_ALL'] === '1') {
    throw new Error('This machine gives no mount namespaces: run the tests as root.')
  }
  const title = way === undefined ? `${name} (skipped: needs a mount namespace, run the tests as root)` : name
  describe.skipIf(way === undefined)(title, suite)
}

/** @returns words before a command that let it see a new, empty /dev/shm; it goes when the test ends */
export async function ownFolder(): Promise<readonly string[]> {
  const { unshare, nsenter } = way as (typeof WAYS)[number]
  // It ends with its input, and so with the test's process.
  const keeper = spawn('unshare', [...unshare, 'sh', '-c', `${MOUNT} && echo ready && exec cat`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void keeper.stdin.end())
  await once(keeper.stdout, 'data')
  return ['nsenter', `--target=${keeper.pid}`, ...nsenter, '--']
}

import { randomBytes } from 'node:crypto'
import { link, open, readFile, rename, unlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { RmqError } from '@rmq/core'
import { errorCode } from '../zmq-error.ts'

const WAIT_MS = 5000
const POLL_MS = 5

/**
 * Runs `work` while this process alone holds the lock file. The lock of a process that died is taken over.
 * @throws ENDPOINT_IN_USE where another process holds the lock for longer than a bind takes
 */
export async function withPathLock<T>(lockPath: string, work: () => Promise<T>): Promise<T> {
  // The pid tells whether the holder lives, the random word whose lock it is.
  const mark = `${process.pid} ${randomBytes(8).toString('hex')}\n`
  await acquire(lockPath, mark)
  try {
    return await work()
  } finally {
    if ((await readMark(lockPath)) === mark) await unlink(lockPath).catch(() => {})
  }
}

async function acquire(lockPath: string, mark: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  let emptySince: number | undefined
  while (!(await create(lockPath, mark))) {
    const held = await readMark(lockPath)
    if (held === '') emptySince ??= performance.now()
    else emptySince = undefined
    // A lock is empty for the moment between its creation and its first write.
    const abandoned = held === '' ? performance.now() - emptySince! > 500 : held !== undefined && !isAlive(held)
    if (held !== undefined && abandoned) await breakLock(lockPath, held)
    else await sleep(POLL_MS)
    if (performance.now() > deadline) {
      throw new RmqError(
        'ENDPOINT_IN_USE',
        `Another process holds ${lockPath}: if none is starting a server there, remove that file.`,
      )
    }
  }
}

async function create(lockPath: string, mark: string): Promise<boolean> {
  try {
    const file = await open(lockPath, 'wx', 0o600)
    try {
      await file.writeFile(mark)
    } finally {
      await file.close()
    }
    return true
  } catch (thrown) {
    if (errorCode(thrown) === 'EEXIST') return false
    throw thrown
  }
}

async function readMark(lockPath: string): Promise<string | undefined> {
  try {
    return await readFile(lockPath, 'utf8')
  } catch {
    return undefined
  }
}

function isAlive(mark: string): boolean {
  const pid = Number.parseInt(mark, 10)
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return errorCode(thrown) === 'EPERM'
  }
}

/** Takes the dead holder's lock away, unless somebody else did and it is a new one: then that is put back. */
async function breakLock(lockPath: string, deadMark: string): Promise<void> {
  const aside = `${lockPath}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await rename(lockPath, aside)
  } catch {
    return
  }
  if ((await readMark(aside)) !== deadMark) await link(aside, lockPath).catch(() => {})
  await unlink(aside).catch(() => {})
}

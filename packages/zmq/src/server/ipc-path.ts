import { lstatSync, unlinkSync } from 'node:fs'
import { chmod, lstat, mkdir, stat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { RmqError } from '@rmq/core'
import { endpointInUse, errorCode } from '../zmq-error.ts'
import { withPathLock } from './path-lock.ts'

/**
 * Binds a socket to a path that no live server holds. ZeroMQ itself would take the path from a live server without a
 * word, and leave the socket open to every user. Until the mode is set, right after the bind, the folder's mode is
 * what keeps others out: folders made here are 0700.
 *
 * @param bind binds the path
 * @returns a function that removes the socket's file, to be called while the socket is still open: as long as it
 *   answers, nobody else takes the path
 * @throws ENDPOINT_IN_USE where a live server answers, INVALID_ARGUMENT where something else is in the way
 */
export async function bindIpcPath(path: string, bind: () => void): Promise<() => void> {
  await makeFolder(dirname(path))
  return withPathLock(`${path}.lock`, async () => {
    await clearPath(path)
    bind()
    await chmod(path, 0o600)
    const { ino } = lstatSync(path)
    return () => removeOwn(path, ino)
  })
}

/** Step by step: Node's own recursive `mkdir` never returns where a file system refuses new folders as "not found". */
async function makeFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return
    throw new RmqError('INVALID_ARGUMENT', `"${folder}" is no folder: choose another path for the endpoint.`)
  } catch (thrown) {
    if (errorCode(thrown) !== 'ENOENT') throw thrown
  }
  await makeFolder(dirname(folder))
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (thrown) {
    // Another server made it meanwhile.
    if (errorCode(thrown) !== 'EEXIST') throw thrown
  }
}

/** Removes the socket of a dead server. */
async function clearPath(path: string): Promise<void> {
  const endpoint = `ipc://${path}`
  const stats = await lstat(path).catch((thrown) => {
    if (errorCode(thrown) === 'ENOENT') return undefined
    throw thrown
  })
  if (stats === undefined) return
  if (!stats.isSocket()) {
    throw new RmqError('INVALID_ARGUMENT', `Endpoint "${endpoint}" cannot be bound: a file that is no socket is there.`)
  }
  if (await answers(path)) throw endpointInUse(endpoint)
  await unlink(path).catch((thrown) => {
    if (errorCode(thrown) !== 'ENOENT') throw thrown
  })
}

/** Whether a process listens on the socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (alive: boolean) => {
      socket.destroy()
      resolve(alive)
    }
    socket.setTimeout(1000, () => settle(true))
    socket.once('connect', () => settle(true))
    // EAGAIN: its queue of connections is full; EACCES: it is somebody else's.
    socket.once('error', (thrown) => settle(!['ECONNREFUSED', 'ENOENT'].includes(errorCode(thrown) ?? '')))
  })
}

function removeOwn(path: string, inode: number): void {
  try {
    if (lstatSync(path).ino === inode) unlinkSync(path)
  } catch {
    // Somebody removed it already.
  }
}

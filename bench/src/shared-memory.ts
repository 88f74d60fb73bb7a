import { existsSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import path from 'node:path'
import { Skip } from './skip.ts'

const FOLDER = '/dev/shm'

/** @throws Skip where so many bytes of shared memory do not fit, with room to spare for others */
export function requireSharedMemory(bytes: number): void {
  if (!existsSync(FOLDER)) throw new Skip(`There is no ${FOLDER}: shared memory topics are for Linux.`)
  const { bavail, bsize } = statfsSync(FOLDER)
  const free = bavail * bsize
  if (free >= bytes * 1.25) return
  const [needed, there] = [bytes * 1.25, free].map((size) => `${Math.ceil(size / 2 ** 20)} MiB`)
  throw new Skip(`It needs ${needed} of ${FOLDER} and ${there} are free. In docker, raise --shm-size.`)
}

/** Our servers remove their segments, unless they are killed. */
export async function removeOurSegments(): Promise<void> {
  const { clearSharedMemory, RmqError } = await import('robotmq')
  try {
    clearSharedMemory()
  } catch (error) {
    // Without the addon nobody made any.
    if (!RmqError.isInstance(error) || !['NATIVE_ADDON_MISSING', 'UNSUPPORTED'].includes(error.code)) throw error
  }
}

/** The original leaves the segments of its topics behind when its process is killed, or ends without farewell. */
export function removeOriginalSegments(pid: number): void {
  remove((name) => name.startsWith('rmq_') && name.includes(`_${pid}_bench_`))
}

export function removeWithPrefix(prefix: string): void {
  remove((name) => name.startsWith(prefix))
}

function remove(isMine: (name: string) => boolean): void {
  for (const name of existsSync(FOLDER) ? readdirSync(FOLDER) : []) {
    if (isMine(name)) rmSync(path.join(FOLDER, name), { force: true })
  }
}

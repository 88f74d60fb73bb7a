import { accessSync, constants, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs'
import { release } from 'node:os'
import { listSharedMemory, sharedMemorySupport } from 'robotmq'
import type { Facts, FolderFacts, PidNamespace, ProcessLimits } from './facts.ts'
import { readMemoryLimit } from './memory-limit.ts'

const FOLDER = '/dev/shm'
/** The kernel gives the host's own pid namespace this number. */
const PID_NAMESPACE_OF_HOST = 'pid:[4026531836]'

/** Where the system tells of itself. */
export interface Roots {
  /** @default /proc/self */
  readonly proc?: string
  /** @default /sys/fs/cgroup */
  readonly cgroup?: string
}

/** Everything but the endpoint, of the process that asks and of its host. */
export function gatherFacts({ proc = '/proc/self', cgroup = '/sys/fs/cgroup' }: Roots = {}): Facts {
  const support = findSupport()
  const umask = /^Umask:\s*([0-7]+)$/m.exec(read(`${proc}/status`))?.[1]
  return {
    node: { version: process.versions.node, platform: process.platform, arch: process.arch },
    kernel: release(),
    user: process.geteuid?.() ?? -1,
    groups: [...(process.getgroups?.() ?? []), process.getegid?.() ?? -1],
    umask: umask === undefined ? undefined : Number.parseInt(umask, 8),
    support,
    folder: lookAtFolder(read(`${proc}/mountinfo`)),
    files: 'missing' in support ? [] : listSharedMemory(),
    memory: readMemoryLimit(`${proc}/cgroup`, cgroup),
    limits: parseLimits(read(`${proc}/limits`)),
    pidNamespace: lookAtPidNamespace(proc),
  }
}

function findSupport(): Facts['support'] {
  try {
    return sharedMemorySupport()
  } catch (error) {
    return { missing: (error as Error).message }
  }
}

function lookAtFolder(mountinfo: string): FolderFacts | undefined {
  if (statSync(FOLDER, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined
  const { blocks, bavail, bsize } = statfsSync(FOLDER)
  const { type, options } = mountOf(mountinfo)
  return {
    type,
    totalBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    mode: statSync(FOLDER).mode & 0o7777,
    readOnly: options.includes('ro'),
    noexec: options.includes('noexec'),
    writable: isWritable(),
  }
}

/** The last mount there covers those before. Without one of its own, /dev/shm is a folder of something else. */
export function mountOf(mountinfo: string): { readonly type: string | undefined; readonly options: readonly string[] } {
  const mounts = mountinfo.split('\n').map((line) => line.split(' '))
  const fields = [FOLDER, '/dev', '/']
    .map((point) => mounts.findLast((words) => words[4] === point))
    .find((words) => words !== undefined)
  if (fields === undefined) return { type: undefined, options: [] }
  const [type, , superOptions = ''] = fields.slice(fields.indexOf('-') + 1)
  return { type, options: [...(fields[5] ?? '').split(','), ...superOptions.split(',')] }
}

function isWritable(): boolean {
  try {
    accessSync(FOLDER, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The soft limits of /proc/self/limits. */
export function parseLimits(text: string): ProcessLimits {
  const soft = (name: string) => {
    const value = new RegExp(`^${name} +(\\S+)`, 'm').exec(text)?.[1]
    if (value === undefined) return undefined
    return value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value)
  }
  return {
    openFiles: soft('Max open files'),
    fileBytes: soft('Max file size'),
    addressBytes: soft('Max address space'),
    lockedBytes: soft('Max locked memory'),
  }
}

function lookAtPidNamespace(proc: string): PidNamespace {
  try {
    return { isHosts: readlinkSync(`${proc}/ns/pid`) === PID_NAMESPACE_OF_HOST }
  } catch {
    return { isHosts: undefined }
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

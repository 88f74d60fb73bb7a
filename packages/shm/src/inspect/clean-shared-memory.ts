import { existsSync, unlinkSync } from 'node:fs'
import { loadAddon } from '../native/addon.ts'
import type { NativeFailure } from '../native/addon-types.ts'
import { LOCK_TIMEOUT_NS } from '../open-segment.ts'
import { errnoName } from '../robotmq/system-error.ts'
import { Status } from '../status.ts'
import { MUTEX } from './file-names.ts'
import { listSharedMemory } from './list-shared-memory.ts'
import type { SharedMemoryFile } from './shared-memory-file.ts'

export interface CleanOptions {
  /** Tells what would be removed, and removes nothing. @default false */
  readonly dryRun?: boolean
  /** Takes queues too that hold items, which whoever opens them next would get. @default false */
  readonly queues?: boolean
}

export interface CleanReport {
  readonly removed: readonly SharedMemoryFile[]
  readonly left: readonly LeftFile[]
  /** Memory that the removed files took. */
  readonly freedBytes: number
}

export interface LeftFile {
  readonly file: SharedMemoryFile
  /** `in use`, `unproven`: it cannot be seen whether it is; `holds items`; `foreign`: another user's, or none of ours; `failed`. */
  readonly reason: 'in use' | 'unproven' | 'holds items' | 'foreign' | 'failed'
  /** The same in a sentence's words. */
  readonly why: string
}

type Refusal = Omit<LeftFile, 'file'>

/**
 * Removes what this user's processes left in /dev/shm when they were killed: segments and queues whose byte locks the
 * kernel has dropped, and other files, those of the original robotmq too, that no process has open. What anybody holds,
 * stopped or in another namespace, stays, and so does what is made at this moment.
 * @throws NATIVE_ADDON_MISSING, UNSUPPORTED
 */
export function cleanSharedMemory({ dryRun = false, queues = false }: CleanOptions = {}): CleanReport {
  const removed: SharedMemoryFile[] = []
  const left: LeftFile[] = []
  // Bells first: those that a segment names go with it.
  const files = listSharedMemory().toSorted((a, b) => Number(b.kind === 'bell') - Number(a.kind === 'bell'))
  for (const file of files) {
    const outcome = refusal(file, queues) ?? (dryRun ? 'removed' : remove(file, queues))
    if (outcome === 'removed') removed.push(file)
    else if (outcome !== 'gone') left.push({ file, ...outcome })
  }
  return { removed, left, freedBytes: removed.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0) }
}

/** Why it must stay, as far as looking tells. */
function refusal({ kind, user, held, stale, note, segment }: SharedMemoryFile, queues: boolean): Refusal | undefined {
  if (user !== process.geteuid?.()) return { reason: 'foreign', why: `it belongs to user ${user}: clean as that user` }
  if (held) return { reason: 'in use', why: 'a living process holds it' }
  if (!stale) return { reason: held === undefined ? 'unproven' : 'foreign', why: note ?? 'it is none of ours' }
  if (kind !== 'queue' || queues || segment?.records === 0) return undefined
  // A damaged one gives nobody anything any more.
  if (segment?.abi === undefined) return undefined
  return { reason: 'holds items', why: heldItems(segment.records) }
}

function heldItems(records: number | undefined): string {
  const items = records === undefined ? 'items perhaps' : records === 1 ? '1 item' : `${records} items`
  return `it holds ${items}, and a queue outlives those who use it`
}

/** The proof is given once more, by whatever keeps others from opening the file meanwhile. `gone`: somebody was faster. */
function remove(file: SharedMemoryFile, queues: boolean): 'removed' | 'gone' | Refusal {
  const { kind, path } = file
  if (kind === 'bell') return unlinkBell(path)
  const failure = provesByLocks(file) ? removeSegment(file, queues) : removeUnopened(file)
  if (failure === undefined) return 'removed'
  switch (failure.status) {
    case Status.NOT_FOUND:
      return 'gone'
    case Status.IN_USE:
      return { reason: 'in use', why: failure.reason }
    case Status.FULL:
      return { reason: 'holds items', why: heldItems(undefined) }
    default:
      return { reason: 'failed', why: explain(failure) }
  }
}

/** Where those of other versions have their locks is not known. */
function provesByLocks({ kind, segment }: SharedMemoryFile): boolean {
  const ours = segment?.abi === undefined || segment.abi === loadAddon().abi
  return ours && (kind === 'topic' || kind === 'queue')
}

function removeSegment({ kind, path, segment }: SharedMemoryFile, queues: boolean): NativeFailure | undefined {
  const onlyIfEmpty = kind === 'queue' && !queues && segment?.abi !== undefined
  return loadAddon().removeSegment(path, { lockTimeoutNs: LOCK_TIMEOUT_NS, onlyIfEmpty })
}

function removeUnopened({ path }: SharedMemoryFile): NativeFailure | undefined {
  // The mutex first: a client of robotmq that finds it without the memory would keep it locked.
  const paths = existsSync(path + MUTEX) ? [path + MUTEX, path] : [path]
  return loadAddon().removeUnopened(paths)
}

function unlinkBell(path: string): 'removed' | 'gone' | Refusal {
  try {
    unlinkSync(path)
    return 'removed'
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'gone' : { reason: 'failed', why: code }
  }
}

function explain({ reason, errno, status }: NativeFailure): string {
  const text = reason || (loadAddon().statusNames[status] as string)
  return errno === 0 ? text : `${text}: ${errnoName(errno)}`
}

import { existsSync, lstatSync, readdirSync, type Stats } from 'node:fs'
import { SEGMENT_FOLDER } from '../segment-path.ts'
import { hasReader } from './bell-reader.ts'
import { type FileName, MUTEX, parseFileName } from './file-names.ts'
import { lookAtSegment, type SegmentLook } from './look-at-segment.ts'
import type { SharedMemoryFile } from './shared-memory-file.ts'
import { ANOTHER_USERS, whoHasOpen } from './who-has-open.ts'

/** A bell is made first and opened then. */
const BELL_IS_OPENED_WITHIN_S = 10

/**
 * All that `@rmq/shm` and the original robotmq have in /dev/shm, whoever's it is. Nothing is attached or written.
 * @throws NATIVE_ADDON_MISSING, UNSUPPORTED
 */
export function listSharedMemory(): SharedMemoryFile[] {
  const names = existsSync(SEGMENT_FOLDER) ? readdirSync(SEGMENT_FOLDER) : []
  const all = new Set(names)
  return names.toSorted().flatMap((name) => {
    const parsed = parseFileName(name)
    // Told with the memory that it belongs to.
    if (parsed === undefined || (name.endsWith(MUTEX) && all.has(name.slice(0, -MUTEX.length)))) return []
    return lookAtFile(`${SEGMENT_FOLDER}/${name}`, parsed) ?? []
  })
}

/** @returns undefined where it has just gone */
function lookAtFile(path: string, fileName: FileName): SharedMemoryFile | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  const mutex = lstatSync(path + MUTEX, { throwIfNoEntry: false })
  const { createdMs = stats.birthtimeMs || stats.ctimeMs, ...look } = lookByKind(path, fileName, stats)
  if (!look.held && lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  return {
    kind: fileName.kind,
    path,
    ...look,
    user: stats.uid,
    group: (stats.mode & 0o060) === 0o060 ? stats.gid : undefined,
    bytes: stats.size + (mutex?.size ?? 0),
    allocatedBytes: (stats.blocks + (mutex?.blocks ?? 0)) * 512,
    ageS: Math.max(0, (Date.now() - createdMs) / 1000),
  }
}

function lookByKind(path: string, { kind, pid, rest }: FileName, stats: Stats): SegmentLook {
  switch (kind) {
    case 'topic':
    case 'queue':
      return lookAtSegment(path, stats)
    case 'bell':
      return lookAtBell(path, stats)
    case 'mutex':
      // Nobody keeps that of a topic of ours open: whose it is, is not to be seen.
      if (pid === undefined) return { ...simple(false, 'of a topic whose memory somebody removed'), stale: false }
      break
  }
  const { held, why } = whoHasOpen(existsSync(path + MUTEX) ? [path, path + MUTEX] : [path])
  return { ...simple(held, why), name: rest, creatorPid: pid }
}

/** Its owner keeps it open for reading, and nobody else does. */
function lookAtBell(path: string, stats: Stats): SegmentLook {
  if (!stats.isFIFO()) return { ...simple(undefined, 'not a pipe'), stale: false }
  const held = hasReader(path)
  if (held === undefined) return simple(undefined, ANOTHER_USERS)
  const isNew = Date.now() - stats.mtimeMs < BELL_IS_OPENED_WITHIN_S * 1000
  return !held && isNew ? simple(undefined, 'just made: its owner may be about to open it') : simple(held)
}

function simple(held: boolean | undefined, note?: string): SegmentLook {
  const nothing = { name: undefined, creatorPid: undefined, createdMs: undefined, segment: undefined }
  return { ...nothing, held, stale: held === false, note }
}

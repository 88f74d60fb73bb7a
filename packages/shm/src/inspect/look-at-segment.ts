import type { Stats } from 'node:fs'
import { statSync } from 'node:fs'
import { loadAddon } from '../native/addon.ts'
import type { NativeFailure } from '../native/addon-types.ts'
import type { NativeContent, NativeInspection } from '../native/inspecting-types.ts'
import { Status } from '../status.ts'
import type { SegmentFacts, SegmentProcess } from './shared-memory-file.ts'
import { ANOTHER_USERS, whoHasOpen } from './who-has-open.ts'

/** What can be told of a topic's or queue's file beyond its size. */
export interface SegmentLook {
  readonly name: string | undefined
  readonly creatorPid: number | undefined
  readonly createdMs: number | undefined
  readonly held: boolean | undefined
  readonly stale: boolean
  readonly segment: SegmentFacts | undefined
  readonly note: string | undefined
}

export function lookAtSegment(path: string, stats: Stats): SegmentLook {
  const foreign = whyForeign(stats)
  if (foreign !== undefined) return unknown(undefined, foreign)
  const inspection = loadAddon().inspectSegment(path)
  const { failure, content } = inspection
  switch (failure?.status) {
    case Status.PERMISSION_DENIED:
      return unknown(undefined, ANOTHER_USERS)
    case Status.NOT_A_RING:
      return unknown(false, 'not made by @rmq/shm: rm it, if it is of no use')
    case Status.NOT_FOUND:
    case Status.FOREIGN_SEGMENT:
      return unknown(undefined, failure.reason)
    case Status.VERSION_MISMATCH:
      return lookAtOtherVersion(path, failure)
  }
  const held = inspection.holders > 0 || inspection.entering
  return {
    name: content && nameOf(content),
    creatorPid: content?.creatorPid,
    createdMs: content?.createdMs,
    held,
    stale: !held,
    segment: factsOf(inspection),
    note: noteOf(inspection),
  }
}

/** What attaching refuses by the file alone, removing refuses too. */
function whyForeign(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'not a regular file'
  if (stats.nlink > 1) return 'it has a second name: nobody can attach it'
  const bits = stats.mode & 0o7777
  return bits === 0o600 || bits === 0o660
    ? undefined
    : 'its permissions are wider than 0600 or 0660: nobody can attach it'
}

function unknown(held: boolean | undefined, note: string): SegmentLook {
  return { name: undefined, creatorPid: undefined, createdMs: undefined, held, stale: false, segment: undefined, note }
}

/** Whose locks lie where we look, or elsewhere: only that nobody has it open at all proves that it is nobody's. */
function lookAtOtherVersion(path: string, { foundAbi, expectedAbi }: NativeFailure): SegmentLook {
  const { held, why } = whoHasOpen([path])
  const note = `layout ${foundAbi}, and this @rmq/shm knows layout ${expectedAbi}`
  return {
    ...unknown(held, why === undefined ? note : `${note}; ${why}`),
    stale: held === false,
    segment: { abi: foundAbi, attachments: 0, leases: 0 },
  }
}

function factsOf({ holders, content }: NativeInspection): SegmentFacts {
  const living = content?.users.filter(({ alive }) => alive) ?? []
  const basic = { attachments: holders, leases: living.reduce((sum, { leases }) => sum + leases, 0) }
  if (content === undefined) return { abi: undefined, ...basic }
  const { capacityBytes, maxRecords, records, recordBytes, published } = content
  const { runId } = parseObject(content.description)
  return {
    abi: loadAddon().abi,
    ...basic,
    ...(typeof runId === 'string' && { runId }),
    ...{ capacityBytes, maxRecords, records, recordBytes, published },
    processes: processesOf(content),
  }
}

function processesOf({ users }: NativeContent): SegmentProcess[] {
  const processes = new Map<string, SegmentProcess>()
  for (const { pid, pidNamespace, alive } of users) {
    if (alive) processes.set(`${pidNamespace} ${pid}`, { pid, here: pidNamespace === ownPidNamespace() })
  }
  return [...processes.values()]
}

function noteOf({ failure, content }: NativeInspection): string | undefined {
  if (failure?.status === Status.STALE_BOOT) return 'from before the last start of this host'
  if (failure !== undefined) return `damaged: ${failure.reason || loadAddon().statusNames[failure.status]}`
  if (content?.poisoned) return 'damaged: a process wrote where it must not'
  if (content?.retired) return content.queue ? 'it was ended: nothing is put any more' : 'its server has closed it'
  if (content && processesOf(content).some(({ here }) => !here)) return 'held from another pid namespace'
  return undefined
}

function nameOf({ description }: NativeContent): string | undefined {
  const { name } = parseObject(description)
  return typeof name === 'string' ? name : undefined
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Damaged, or of another version: it has no name then.
  }
  return {}
}

/** The inode of this process's pid namespace. */
function ownPidNamespace(): number | undefined {
  return statSync('/proc/self/ns/pid', { throwIfNoEntry: false })?.ino
}

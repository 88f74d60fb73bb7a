import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { RmqError } from '@rmq/core'
import { loadAddon } from '../native/addon.ts'
import type { NativeSegment } from '../native/addon-types.ts'
import { isFailure, openError } from '../native-error.ts'
import { LOCK_TIMEOUT_NS } from '../open-segment.ts'
import { SEGMENT_FOLDER } from '../segment-path.ts'
import { Status } from '../status.ts'
import type { QueuePlan } from './queue-options.ts'

const VERSION = 1
const ANOTHER_USERS =
  'Another user made it: choose another runId, or create the queue with the option group, a group that both users are in.'

/** What the creator tells those who open it. */
interface QueueDescription {
  readonly version: number
  readonly kind: 'queue'
  readonly name: string
  readonly runId: string
  readonly codec: string
}

/** Which queue, where it lies, and how its creator encodes. */
export interface QueueFile {
  readonly name: string
  readonly path: string
  readonly native: NativeSegment
  readonly group: number | undefined
  /** The id of the creator's codec. */
  readonly codec: string
}

/** Unlike a topic's, it outlives those who use it: its name is none of those that are cleared. */
export function queuePath(name: string, runId: string): string {
  const text = `${Buffer.byteLength(runId)}:${runId}${name}`
  return `${SEGMENT_FOLDER}/rmqq.${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}

/** @returns undefined where there is one already @throws NO_SPACE, PERMISSION_DENIED, INVALID_ARGUMENT */
export function createQueueFile(name: string, runId: string, codec: string, plan: QueuePlan): QueueFile | undefined {
  const path = queuePath(name, runId)
  const { capacity, capacityBytes, maxItemBytes, participants, group } = plan
  const description: QueueDescription = { version: VERSION, kind: 'queue', name, runId, codec }
  const options = {
    ...(group !== undefined && { group }),
    lockTimeoutNs: LOCK_TIMEOUT_NS,
    queue: true,
    capacityBytes,
    maxRecords: capacity,
    maxRecordBytes: maxItemBytes,
    ttlNs: 0,
    participants,
    leaseBudgetBytes: capacityBytes,
    description: JSON.stringify(description),
  }
  const native = loadAddon().createSegment(path, options)
  if (!isFailure(native)) return { name, path, native, group, codec }
  if (native.status === Status.EXISTS) return undefined
  throw openError(`Queue "${name}"`, native)
}

/** @returns undefined where there is none (yet) @throws PERMISSION_DENIED, CORRUPT, VERSION_MISMATCH, NO_SPACE */
export function openQueueFile(name: string, runId: string): QueueFile | undefined {
  const path = queuePath(name, runId)
  const group = groupOf(path)
  const options = { ...(group !== undefined && { group }), lockTimeoutNs: LOCK_TIMEOUT_NS }
  const native = loadAddon().attachSegment(path, options)
  if (isFailure(native)) {
    const { status } = native
    // From before the last start of the host: it is as good as gone.
    if (status === Status.STALE_BOOT) loadAddon().removeSegment(path, options)
    if (status === Status.NOT_FOUND || status === Status.IN_USE || status === Status.STALE_BOOT) return undefined
    throw openError(`Queue "${name}"`, native, ANOTHER_USERS)
  }
  try {
    return { name, path, native, group, codec: parseCodec(native, name) }
  } catch (thrown) {
    native.close()
    throw thrown
  }
}

function parseCodec(native: NativeSegment, name: string): string {
  const { version, kind, codec } = parse(native.description)
  if (native.queue && kind === 'queue' && version === VERSION && typeof codec === 'string') return codec
  if (native.queue && kind === 'queue' && version !== VERSION) {
    throw new RmqError(
      'VERSION_MISMATCH',
      `Queue "${name}" is described in version ${JSON.stringify(version)}, and this @rmq/shm knows version ${VERSION}: ` +
        'install the same version of @rmq/shm on both sides.',
    )
  }
  throw new RmqError(
    'CORRUPT',
    `The memory of queue "${name}" does not describe a queue: unlink it and create it anew.`,
  )
}

function parse(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told by the caller.
  }
  return {}
}

/** The group's members are to be woken; a queue without one is its user's alone. */
function groupOf(path: string): number | undefined {
  const file = lstatSync(path, { throwIfNoEntry: false })
  return file === undefined || (file.mode & 0o070) === 0 ? undefined : file.gid
}

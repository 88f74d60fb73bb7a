import { lstatSync } from 'node:fs'
import { RmqError, type SharedTopicHome, type SharedTopicStore, type TopicAddress } from '@rmq/core'
import { explainPlace, explainTimeNamespace } from './explain-place.ts'
import { loadAddon } from './native/addon.ts'
import type { NativeFailure } from './native/addon-types.ts'
import { isFailure, openError } from './native-error.ts'
import { KIND, LOCK_TIMEOUT_NS, OpenSegment } from './open-segment.ts'
import { parseDescription } from './segment-description.ts'
import { segmentPath } from './segment-path.ts'
import { SharedMemoryTopic, type Tenancy } from './shared-memory-topic.ts'
import { Status } from './status.ts'

const ANOTHER_USERS =
  'Run both as the same user, or create the topic with the option group, a group that both users are in.'

/** Topics in shared memory that other threads and processes of this host created. */
export function sharedMemoryHome(): SharedTopicHome {
  return { kind: KIND, attach, explain: explainPlace }
}

function attach(address: TopicAddress): SharedTopicStore | undefined {
  const open = openSegment(address)
  return open && new SharedMemoryTopic(open, new Attendance(address))
}

/** The part of those who attach: they come and go, and clean up only after the last. */
class Attendance implements Tenancy {
  readonly #address: TopicAddress

  constructor(address: TopicAddress) {
    this.#address = address
  }

  renew(old: OpenSegment): OpenSegment {
    const next = openSegment(this.#address)
    // Its server is about to begin yet another epoch, of which it will tell too, or was closed.
    if (next === undefined) return old
    this.end(old)
    return next
  }

  end(open: OpenSegment): void {
    if (open.closed) return
    const { path, native } = open
    const retired = native.isRetired()
    // The bells of the dead are named in the segment alone.
    native.reap()
    open.close('it was closed in this process.', () => {
      // Whoever ends a topic takes its name off. A killed server could not: then the last to leave does.
      if (!retired) loadAddon().removeSegment(path, { lockTimeoutNs: LOCK_TIMEOUT_NS })
    })
  }
}

function openSegment(address: TopicAddress): OpenSegment | undefined {
  const addon = loadAddon()
  const path = segmentPath(address)
  const group = groupToTrust(path)
  const options = { ...(group !== undefined && { group }), lockTimeoutNs: LOCK_TIMEOUT_NS }
  const native = addon.attachSegment(path, options)
  if (isFailure(native)) {
    if (isAbsent(native)) return undefined
    throw openError(`Shared memory topic "${address.name}"`, native, ANOTHER_USERS)
  }
  try {
    // Its creator is about to remove it.
    if (native.isRetired()) {
      native.close()
      return undefined
    }
    const description = parseDescription(native.description, address)
    const { timeNamespace } = addon.hostIdentity()
    if (timeNamespace !== description.timeNamespace) throw new RmqError('UNSUPPORTED', explainTimeNamespace())
    return new OpenSegment(path, native, description)
  } catch (thrown) {
    native.close()
    throw thrown
  }
}

/** Gone, being removed, or from before the last start of the host. */
function isAbsent({ status }: NativeFailure): boolean {
  return status === Status.NOT_FOUND || status === Status.IN_USE || status === Status.STALE_BOOT
}

/**
 * Another user's topic counts where it belongs to a group that this process is in. For a topic of our own with a group,
 * that group's members are to be woken.
 */
function groupToTrust(path: string): number | undefined {
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (file === undefined || (file.mode & 0o070) === 0) return undefined
  const { uid, gid } = file
  const isMember = process.getegid?.() === gid || process.getgroups?.().includes(gid)
  return isMember || uid === process.geteuid?.() ? gid : undefined
}

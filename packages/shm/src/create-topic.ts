import type { SharedTopicStore, StartTime, TopicName } from '@rmq/core'
import { clearSharedMemory } from './leftovers.ts'
import { loadAddon } from './native/addon.ts'
import type { NativeSegment } from './native/addon-types.ts'
import { isFailure, openError } from './native-error.ts'
import { LOCK_TIMEOUT_NS, OpenSegment } from './open-segment.ts'
import { createLegacyMutex } from './robotmq/legacy-mutex.ts'
import { type SegmentDescription, writeDescription } from './segment-description.ts'
import { segmentPath } from './segment-path.ts'
import { SharedMemoryTopic, type Tenancy } from './shared-memory-topic.ts'
import { parseTopicOptions, type SharedMemoryTopicOptions, type TopicPlan } from './topic-options.ts'

/** What is created, and for whom. */
export interface SharedMemoryTopicSpec {
  readonly name: TopicName
  readonly epoch: string
  /** The run of the server. */
  readonly server: string
  /** Its zero is read now and at each `reset`. */
  readonly clock: StartTime
}

/** Whole nanoseconds of it are exact numbers. What lasts longer, 104 days, lasts for ever. */
const MAX_TTL_S = 9e6

let swept = false

/**
 * Makes a topic in shared memory. It lives until the store is closed, or its process ends.
 * @throws INVALID_ARGUMENT, NO_SPACE, PERMISSION_DENIED, TOPIC_EXISTS, NATIVE_ADDON_MISSING, UNSUPPORTED
 */
export function createSharedMemoryTopic(
  spec: SharedMemoryTopicSpec,
  options: SharedMemoryTopicOptions,
): SharedTopicStore {
  const plan = parseTopicOptions(options)
  if (!swept) clearSharedMemory()
  swept = true
  const creation = new Creation(spec, plan)
  return new SharedMemoryTopic(creation.open(spec.epoch), creation)
}

/** The creator's part: it alone names and retires segments. */
class Creation implements Tenancy {
  readonly #spec: SharedMemoryTopicSpec
  readonly #plan: TopicPlan

  constructor(spec: SharedMemoryTopicSpec, plan: TopicPlan) {
    this.#spec = spec
    this.#plan = plan
  }

  open(epoch: string): OpenSegment {
    const { name, server } = this.#spec
    const path = segmentPath({ name, server })
    const description = this.#describe(epoch)
    const native = this.#create(path, writeDescription(description))
    try {
      // After the memory itself: a Python client that finds the lock but not the memory keeps the lock for ever.
      if (this.#plan.byReference) createLegacyMutex(path, this.#plan.group)
    } catch (thrown) {
      native.unlink()
      native.close()
      throw thrown
    }
    return new OpenSegment(path, native, description)
  }

  renew(old: OpenSegment, epoch: string): OpenSegment {
    endLife(old, 'it began a new epoch.')
    return this.open(epoch)
  }

  end(open: OpenSegment): void {
    endLife(open, 'it was closed in this process.')
  }

  #describe(epoch: string): SegmentDescription {
    const { name, server, clock } = this.#spec
    const { messageRemainingTimeS, maxRecords, group, byReference } = this.#plan
    const { timeNamespace, user } = loadAddon().hostIdentity()
    const limits = { messageRemainingTimeS, maxRecords, group, byReference }
    return { name, server, epoch, zeroUs: clock.zeroUs, ...limits, user, pid: process.pid, timeNamespace }
  }

  #create(path: string, description: string): NativeSegment {
    const addon = loadAddon()
    const { messageRemainingTimeS, capacityBytes, maxRecords, participants, group } = this.#plan
    const options = {
      ...(group !== undefined && { group }),
      lockTimeoutNs: LOCK_TIMEOUT_NS,
      capacityBytes,
      maxRecords,
      maxRecordBytes: 0,
      ttlNs: messageRemainingTimeS > MAX_TTL_S ? 0 : Math.ceil(messageRemainingTimeS * 1e9),
      participants,
      leaseBudgetBytes: 0,
      description,
    }
    const made = addon.createSegment(path, options)
    if (!isFailure(made)) return made
    throw openError(`Shared memory topic "${this.#spec.name}"`, made)
  }
}

function endLife(open: OpenSegment, why: string): void {
  if (open.closed) return
  const { native, watch } = open
  native.retire()
  // Those who wait in this thread see it at once.
  watch.look()
  native.unlink()
  // While something names the bells of the dead: nothing does once the segment is gone.
  native.reap()
  open.close(why)
}

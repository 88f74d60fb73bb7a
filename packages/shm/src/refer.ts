import type { ReferredRecord } from '@rmq/core'
import { INFO } from './native/addon-types.ts'
import { ringError } from './native-error.ts'
import type { OpenSegment } from './open-segment.ts'
import { Lease, referTo } from './record-lease.ts'
import { Status } from './status.ts'

const ELSEWHERE = new Uint8Array(0)

/**
 * Records by reference as long as there are leases, the rest as copies. What others take meanwhile is left out, as in
 * any reading of a topic that lives.
 */
export function referRecords(open: OpenSegment, n: number, take: boolean): ReferredRecord[] {
  const records: ReferredRecord[] = []
  try {
    for (const sequence of open.native.sequences(n)) {
      const record = referOne(open, sequence, take)
      if (record !== undefined) records.push(record)
    }
  } catch (thrown) {
    for (const { reference } of records) reference?.release()
    throw thrown
  }
  return records
}

function referOne(open: OpenSegment, sequence: number, take: boolean): ReferredRecord | undefined {
  const { native, description } = open
  const status = native.lease(sequence)
  if (status === Status.OK) {
    const slot = native.info[INFO.SLOT]!
    const lease = new Lease(open)
    const reference = referTo(lease, open)
    if (take && native.takeLeased(slot) !== Status.OK) {
      lease.release()
      return undefined
    }
    const { timestampS, captureTimeS } = lease
    const record = { sequence, timestampS, data: ELSEWHERE, reference }
    return captureTimeS === undefined ? record : { ...record, captureTimeS }
  }
  if (status === Status.LEASE_LIMIT) {
    const bytes = native.readOne(sequence, take)
    if (typeof bytes !== 'number') return open.toldRecord(new Uint8Array(bytes))
    if (isGone(bytes)) return undefined
    throw ringError(description.name, bytes, native)
  }
  if (isGone(status)) return undefined
  throw ringError(description.name, status, native)
}

function isGone(status: number): boolean {
  return status === Status.GONE || status === Status.EXPIRED || status === Status.EMPTY
}

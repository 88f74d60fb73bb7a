import type { NativeSegment } from '../native/addon-types.ts'
import { STATE } from '../native/addon-types.ts'

/** A queue in numbers, over its whole life and all processes. */
export interface QueueMetrics {
  /** Items in it now. */
  readonly size: number
  /** Their bytes. */
  readonly bytes: number
  readonly capacity: number
  readonly capacityBytes: number
  readonly maxItemBytes: number
  /** `size / capacity`. */
  readonly utilization: number
  /** Items that were put, and their bytes. */
  readonly put: number
  readonly putBytes: number
  /** Items that were taken, those too that a killed process had in its hands. */
  readonly taken: number
  /** Puts that were refused because the item was too large. */
  readonly refused: number
  /** Times that somebody cleaned up after a process that was killed. */
  readonly burials: number
  /** Processes and threads that have it open, by process id. */
  readonly users: readonly number[]
}

export function readMetrics(native: NativeSegment): QueueMetrics {
  const state = native.state()
  const size = native.depth()
  const put = state[STATE.NEXT_SEQUENCE]! - 1
  const capacity = native.maxRecords
  return {
    size,
    bytes: state[STATE.LIVE_BYTES]!,
    capacity,
    capacityBytes: native.capacityBytes,
    maxItemBytes: native.maxRecordBytes,
    utilization: size / capacity,
    put,
    putBytes: state[STATE.PUBLISHED_BYTES]!,
    taken: put - size,
    refused: state[STATE.REJECTED]!,
    burials: state[STATE.BURIALS]!,
    users: native.participants().flatMap(({ pid, alive }) => (alive ? [pid] : [])),
  }
}

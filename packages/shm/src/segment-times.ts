import type { RecordTimes } from '@rmq/core'
import { fromCaptureNs } from './record-times.ts'

/** What is told in nanoseconds is shown in microseconds. */
const ROUNDING_S = 2e-6
/** Entries of each record: sequence, timeNs, captureNs. */
const CELLS = 3

/** When the records of a segment are from, as the native part tells. */
export class SegmentTimes implements RecordTimes {
  readonly #cells: Float64Array
  readonly lagS: number
  readonly leadS: number

  constructor(cells: Float64Array) {
    this.#cells = cells
    let lagNs = 0
    let leadNs = 0
    for (let at = 0; at < cells.length; at += CELLS) {
      const captureNs = cells[at + 2]!
      if (captureNs === 0) continue
      const aheadNs = captureNs - cells[at + 1]!
      if (aheadNs > leadNs) leadNs = aheadNs
      else if (-aheadNs > lagNs) lagNs = -aheadNs
    }
    this.lagS = lagNs / 1e9 + ROUNDING_S
    this.leadS = leadNs / 1e9 + ROUNDING_S
  }

  get count(): number {
    return this.#cells.length / CELLS
  }

  sequence(index: number): number {
    return this.#cells[CELLS * index]!
  }

  putS(index: number): number {
    return Math.floor(this.#cells[CELLS * index + 1]! / 1e3) / 1e6
  }

  momentS(index: number): number {
    return fromCaptureNs(this.#cells[CELLS * index + 2]!) ?? this.putS(index)
  }
}

import { type RecordLoan, RmqError, requireByteLength, type Stamp } from '@rmq/core'
import { holdInPlace, letGo } from './in-place.ts'
import { INFO } from './native/addon-types.ts'
import { ringError } from './native-error.ts'
import type { OpenSegment } from './open-segment.ts'
import { toCaptureNs } from './record-times.ts'
import { Status } from './status.ts'

/** Room for a record. Made right after the segment's `loan`. */
export class Loan implements RecordLoan {
  readonly bytes: Uint8Array
  readonly #byteLength: number
  readonly #open: OpenSegment
  readonly #slot: number
  #over = false

  constructor(open: OpenSegment, room: ArrayBuffer) {
    this.#open = open
    this.#slot = open.native.info[INFO.SLOT]!
    this.bytes = new Uint8Array(room)
    this.#byteLength = room.byteLength
    holdInPlace(this, { open, slot: this.#slot, kind: 'loan' })
  }

  commit(byteLength: number, { captureTimeS }: Pick<Stamp, 'captureTimeS'>): number {
    if (this.#over) {
      throw new RmqError(
        'CLOSED',
        `Topic "${this.#open.description.name}": this loan was already committed or discarded.`,
      )
    }
    requireByteLength(byteLength, this.#byteLength)
    const sequence = this.#open.native.commit(this.#slot, byteLength, toCaptureNs(captureTimeS))
    // The bytes are written and the room is still ours: the same commit may be tried again.
    if (sequence !== -Status.WRITER_STALLED) this.#end()
    if (sequence > 0) return sequence
    throw ringError(this.#open.description.name, -sequence, this.#open.native, byteLength)
  }

  discard(): void {
    if (this.#over) return
    this.#end()
    this.#open.native.discard(this.#slot)
  }

  [Symbol.dispose](): void {
    this.discard()
  }

  #end(): void {
    this.#over = true
    letGo(this)
  }
}

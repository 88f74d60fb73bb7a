import type { RecordLease, RecordReference } from '@rmq/core'
import { bindBytes, holdInPlace, letGo } from './in-place.ts'
import { INFO } from './native/addon-types.ts'
import type { OpenSegment } from './open-segment.ts'
import { fromCaptureNs, timestampS } from './record-times.ts'

const NOTHING = new Uint8Array(0)

/** A record in place. Made from what the segment's `info` tells right after a lease. */
export class Lease implements RecordLease {
  readonly sequence: number
  readonly timestampS: number
  declare readonly captureTimeS?: number
  readonly #open: OpenSegment
  readonly #slot: number
  #data: Uint8Array | undefined
  #released = false

  constructor(open: OpenSegment) {
    const { info } = open.native
    this.sequence = info[INFO.SEQUENCE]!
    this.timestampS = timestampS(info[INFO.TIME_NS]!, open.description.zeroUs)
    const captureTimeS = fromCaptureNs(info[INFO.CAPTURE_NS]!)
    if (captureTimeS !== undefined) this.captureTimeS = captureTimeS
    this.#open = open
    this.#slot = info[INFO.SLOT]!
    open.hold()
    holdInPlace(this, { open, slot: this.#slot, kind: 'lease' })
  }

  /** The record's bytes; empty once it is released. Writing to them changes the record for everybody. */
  get data(): Uint8Array {
    if (this.#released) return NOTHING
    if (this.#data === undefined) {
      const bytes = this.#open.native.leaseBytes(this.#slot)
      bindBytes(bytes, this)
      this.#data = new Uint8Array(bytes)
    }
    return this.#data
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.#data = undefined
    letGo(this)
    this.#open.native.unlease(this.#slot)
    this.#open.letGo()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/** A lease for a peer that maps the file itself. To be made right after the lease, as that is. */
export function referTo(lease: Lease, { path, native }: OpenSegment): RecordReference {
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    totalBytes: native.totalBytes,
    start: native.info[INFO.START]!,
    byteLength: native.info[INFO.BYTE_LENGTH]!,
    copy: () => new Uint8Array(lease.data),
    release: () => lease.release(),
  }
}

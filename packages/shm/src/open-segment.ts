import { RmqError, type TopicDescription, type TopicRecord } from '@rmq/core'
import { loadAddon } from './native/addon.ts'
import { INFO, type NativeSegment } from './native/addon-types.ts'
import { fromCaptureNs, timestampS } from './record-times.ts'
import type { SegmentDescription } from './segment-description.ts'
import { SegmentWatch } from './segment-watch.ts'

export const KIND = 'shared memory'

/** How long a call may wait for a writer that was stopped in the middle of a put: JavaScript stands still meanwhile. */
export const LOCK_TIMEOUT_NS = 250e6

/** Rooms that an attachment may have on loan. */
const LOANS = 3

/** One attachment to one segment, from its opening to its end. */
export class OpenSegment {
  readonly path: string
  readonly native: NativeSegment
  readonly description: SegmentDescription
  readonly watch: SegmentWatch
  #closed = false
  #held = 0
  #onDetached = () => {}

  constructor(path: string, native: NativeSegment, description: SegmentDescription) {
    this.path = path
    this.native = native
    this.description = description
    this.watch = new SegmentWatch(native, description.group)
  }

  /** Nothing new is begun after this; what is held in place stays until it is released. */
  get closed(): boolean {
    return this.#closed
  }

  /** A record is held in place. */
  hold(): void {
    this.#held += 1
  }

  /** It no longer is. */
  letGo(): void {
    this.#held -= 1
    if (this.#held === 0 && this.#closed) this.#detach()
  }

  /**
   * @param why those who wait are told that it ended
   * @param onDetached runs when nothing is held in place any more
   */
  close(why: string, onDetached: () => void = () => {}): void {
    this.#closed = true
    this.#onDetached = onDetached
    for (let slot = 0; slot < LOANS; slot++) this.native.discard(slot)
    this.watch.close(new RmqError('CLOSED', `Topic "${this.description.name}": ${why}`))
    if (this.#held === 0) this.#detach()
  }

  #detach(): void {
    this.native.close()
    this.#onDetached()
  }

  /** The topic as everybody is told of it. */
  get topic(): TopicDescription {
    const { name, epoch, messageRemainingTimeS, maxRecords, timeNamespace, user } = this.description
    const { bootId } = loadAddon().hostIdentity()
    return {
      name,
      kind: KIND,
      retention: { messageRemainingTimeS, keepLast: 0, maxRecords, maxBytes: this.native.maxRecordBytes },
      epoch,
      place: { path: this.path, bootId, timeNamespace, user },
    }
  }

  record(sequence: number, timeNs: number, captureNs: number, data: Uint8Array): TopicRecord {
    const captureTimeS = fromCaptureNs(captureNs)
    const record = { sequence, timestampS: timestampS(timeNs, this.description.zeroUs), data }
    return captureTimeS === undefined ? record : { ...record, captureTimeS }
  }

  /** The record that the last call told of in `info`. */
  toldRecord(data: Uint8Array): TopicRecord {
    const { info } = this.native
    return this.record(info[INFO.SEQUENCE]!, info[INFO.TIME_NS]!, info[INFO.CAPTURE_NS]!, data)
  }
}

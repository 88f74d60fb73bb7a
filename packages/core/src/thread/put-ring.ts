import type { Stamp } from '../topic.ts'

/**
 * Small puts on their way to the message thread, in shared memory: a message through a port costs several times as much
 * as all else that is done with such a record. One thread writes, one reads.
 *
 * ```
 * memory  i32 written | i32 read | i32 asleep | -   then the entries
 * entry   u32 bytes of payload | u32 topic | u32 messages posted before | - | f64 timestamp | f64 capture time or NaN
 *         then the payload, up to the next multiple of 8
 * ```
 *
 * `written` and `read` count bytes, modulo 2^32. An entry never wraps around the end: where it does not fit, the rest is
 * left out, which `LEFT_OUT` in the place of its length tells.
 */
export class PutRing {
  readonly memory: SharedArrayBuffer
  readonly #cells: Int32Array
  readonly #words: Uint32Array
  readonly #doubles: Float64Array
  readonly #bytes: Uint8Array
  readonly #capacity: number

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(CELL_BYTES + FIRST_CAPACITY)) {
    this.memory = memory
    this.#cells = new Int32Array(memory, 0, CELL_BYTES / 4)
    this.#words = new Uint32Array(memory, CELL_BYTES)
    this.#doubles = new Float64Array(memory, CELL_BYTES)
    this.#bytes = new Uint8Array(memory, CELL_BYTES)
    this.#capacity = this.#bytes.byteLength
  }

  /** An empty one with twice the room; undefined: there is none larger. */
  larger(): PutRing | undefined {
    if (this.#capacity >= MOST_CAPACITY) return undefined
    return new PutRing(new SharedArrayBuffer(CELL_BYTES + 2 * this.#capacity))
  }

  /** @returns false where there is no room now */
  write(topic: number, data: Uint8Array, { timestampS, captureTimeS = Number.NaN }: Stamp, posted: number): boolean {
    const bytes = HEAD_BYTES + ((data.byteLength + 7) & ~7)
    let written = Atomics.load(this.#cells, WRITTEN)
    // SYNC POINT: the reader's store of `read`, behind which it no longer looks at what is overwritten here.
    const used = (written - Atomics.load(this.#cells, READ)) | 0
    let at = written & (this.#capacity - 1)
    const toTheEnd = this.#capacity - at
    const leftOut = bytes > toTheEnd ? toTheEnd : 0
    if (used + leftOut + bytes > this.#capacity) return false
    if (leftOut > 0) {
      this.#words[at / 4] = LEFT_OUT
      written += leftOut
      at = 0
    }
    this.#words[at / 4] = data.byteLength
    this.#words[at / 4 + 1] = topic
    this.#words[at / 4 + 2] = posted
    this.#doubles[at / 8 + 2] = timestampS
    this.#doubles[at / 8 + 3] = captureTimeS
    this.#bytes.set(data, at + HEAD_BYTES)
    // SYNC POINT: the reader's load of `written`; all of the entry is there before.
    Atomics.store(this.#cells, WRITTEN, (written + bytes) | 0)
    return true
  }

  /** How much has been written so far, for {@link read}. */
  get written(): number {
    return Atomics.load(this.#cells, WRITTEN)
  }

  /**
   * Takes the next entry.
   * @param until what `written` told: entries behind it are left
   * @param handled messages of the port that were handled so far: an entry that was written behind more is left, too
   */
  read(until: number, handled: number): RingEntry | undefined {
    let read = Atomics.load(this.#cells, READ)
    if (((until - read) | 0) <= 0) return undefined
    let at = read & (this.#capacity - 1)
    if (this.#words[at / 4] === LEFT_OUT) {
      read += this.#capacity - at
      at = 0
    }
    const posted = this.#words[at / 4 + 2]! | 0
    if (((posted - handled) | 0) > 0) return undefined
    const byteLength = this.#words[at / 4]!
    const topic = this.#words[at / 4 + 1]!
    const timestampS = this.#doubles[at / 8 + 2]!
    const captureTimeS = this.#doubles[at / 8 + 3]!
    const data = new Uint8Array(byteLength)
    data.set(this.#bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + byteLength))
    Atomics.store(this.#cells, READ, (read + HEAD_BYTES + ((byteLength + 7) & ~7)) | 0)
    return { topic, data, stamp: Number.isNaN(captureTimeS) ? { timestampS } : { timestampS, captureTimeS } }
  }

  /** Told by the reader before it looks for the last time, by whoever wakes it behind what it wrote. @returns what it was before */
  exchangeAsleep(asleep: boolean): boolean {
    // SYNC POINT with itself: either the reader finds the entry, or the writer finds the reader asleep.
    return Atomics.exchange(this.#cells, ASLEEP, asleep ? 1 : 0) === 1
  }
}

export interface RingEntry {
  /** Counts the topics in the order of their adding, from 0. */
  readonly topic: number
  /** In memory of its own. */
  readonly data: Uint8Array
  readonly stamp: Stamp
}

const WRITTEN = 0
const READ = 1
const ASLEEP = 2
const CELL_BYTES = 64
const HEAD_BYTES = 32
/** Powers of two. */
const FIRST_CAPACITY = 2 ** 18
const MOST_CAPACITY = 2 ** 26
const LEFT_OUT = 0xffff_ffff

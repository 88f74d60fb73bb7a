import { malformed } from './errors.ts'
import { bytesToInteger } from './integer-bytes.ts'
import { readUtf8 } from './utf8.ts'

/** A longer integer is no number that a robot sends; turning it into a bigint takes time. */
const MAX_INTEGER_BYTES = 16 * 1024
const MAX_LINE = 256

/** Moves through a payload and never beyond its end, nor beyond the end of a frame in the middle of a value. */
export class PayloadCursor {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  /** What may be read now: to the end of the frame, or of the payload. */
  #limit: number

  constructor(bytes: Uint8Array) {
    // A Buffer would hand out Buffers.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#limit = bytes.length
  }

  /** Bytes that are left of the payload. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  opcode(): number {
    if (this.#at === this.#limit) this.#limit = this.#bytes.length
    return this.byte()
  }

  startFrame(length: number): void {
    if (this.#limit !== this.#bytes.length) throw malformed('a frame begins within a frame')
    this.#limit = this.#at + length
  }

  byte(): number {
    return this.#bytes[this.#take(1)]!
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true)
  }

  /** Big endian, as pickle has floats. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  /** A length of `width` bytes, which is no longer than what is left. */
  length(width: 1 | 4 | 8): number {
    const length = width === 1 ? this.byte() : width === 4 ? this.uint32() : this.uint32() + this.uint32() * 2 ** 32
    const left = this.#limit - this.#at
    if (length > left) throw malformed(`a length of ${length} bytes exceeds the ${left} that are left`)
    return length
  }

  /** A window on the payload. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  text(length: number): string {
    const start = this.#take(length)
    return readUtf8(this.#bytes, start, start + length)
  }

  integer(length: number): number | bigint {
    if (length > MAX_INTEGER_BYTES) throw malformed(`an integer of ${length} bytes is too long`)
    const start = this.#take(length)
    return bytesToInteger(this.#bytes, start, start + length)
  }

  /** Text up to the next line feed. */
  line(): string {
    const end = this.#bytes.subarray(this.#at, this.#at + MAX_LINE).indexOf(0x0a)
    if (end === -1) throw malformed('the name of a global has no end')
    const text = this.text(end)
    this.#take(1)
    return text
  }

  /** Moves on by so many bytes and says where they began. */
  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#limit) throw malformed('the payload, or a frame of it, ends in the middle of a value')
    this.#at = start + length
    return start
  }
}

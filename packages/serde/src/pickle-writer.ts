import { type Blob, copyMessage, type Encoded } from './encoded.ts'
import { integerToBytes } from './integer-bytes.ts'
import { OP } from './pickle-opcodes.ts'
import { writeUtf8 } from './utf8.ts'

/** A frame is closed at the first value that begins beyond this many bytes; longer bytes and text lie between frames. */
const FRAME_SIZE_TARGET = 64 * 1024
const FRAME_HEADER_SIZE = 9
/** A frame shorter than this goes without a header. */
const FRAME_SIZE_MIN = 4
const PROTOCOL = 4

const SMALLEST_BUFFER = 4 * 1024
const LARGEST_SPARE = 1024 * 1024

/** The buffer of the last writer, so that a message need not pay for fresh pages. Absent while a writer uses it. */
let spare: Uint8Array<ArrayBuffer> | undefined

/** One of these stands for all empty bytes, of which Python has only one. */
const EMPTY_BYTES = new Uint8Array(0)

/**
 * Writes a pickle of protocol 4 byte for byte as CPython's `Modules/_pickle.c` does: the same frames, the same memo.
 * Large bytes are not copied until `copyTo`.
 */
export class PickleWriter implements Encoded {
  #buffer: Uint8Array<ArrayBuffer>
  #view: DataView
  #at = 0
  /** Where the header of the open frame is, or -1. */
  #frame = -1
  #memoSize = 0
  readonly #memo = new Map<string | Uint8Array, number>()
  readonly #blobs: Blob[] = []
  #blobBytes = 0

  constructor() {
    this.#buffer = spare ?? new Uint8Array(SMALLEST_BUFFER)
    this.#view = new DataView(this.#buffer.buffer)
    spare = undefined
    this.#buffer[this.#at++] = OP.PROTO
    this.#buffer[this.#at++] = PROTOCOL
  }

  release(): void {
    if (this.#buffer.length <= LARGEST_SPARE) spare = this.#buffer
  }

  /** To be called before each value: closes the frame when it is long enough. */
  startValue(): void {
    if (this.#frame >= 0 && this.#at - this.#frame - FRAME_HEADER_SIZE >= FRAME_SIZE_TARGET) this.#closeFrame()
  }

  opcode(code: number): void {
    this.#reserve(1)
    this.#buffer[this.#at++] = code
  }

  /** Remembers the value just written, as Python does after each container, string and bytes. */
  memoize(): void {
    this.opcode(OP.MEMOIZE)
    this.#memoSize++
  }

  /** An integer of up to 53 bits. */
  integer(value: number): void {
    this.#reserve(11)
    const at = this.#at
    if (value >= 0 && value <= 0xff) {
      this.#buffer[at] = OP.BININT1
      this.#buffer[at + 1] = value
      this.#at += 2
    } else if (value >= 0 && value <= 0xffff) {
      this.#buffer[at] = OP.BININT2
      this.#view.setUint16(at + 1, value, true)
      this.#at += 3
    } else if (value === (value | 0)) {
      this.#buffer[at] = OP.BININT
      this.#view.setInt32(at + 1, value, true)
      this.#at += 5
    } else {
      this.#view.setUint32(at + 2, value, true)
      this.#view.setInt32(at + 6, Math.floor(value / 2 ** 32), true)
      const sign = value < 0 ? 0xff : 0
      let length = 8
      while (this.#buffer[at + 1 + length] === sign && (this.#buffer[at + length]! & 0x80) === (sign & 0x80)) length--
      this.#buffer[at] = OP.LONG1
      this.#buffer[at + 1] = length
      this.#at += 2 + length
    }
  }

  bigInteger(value: bigint): void {
    if (Number.isSafeInteger(Number(value))) {
      this.integer(Number(value))
      return
    }
    const bytes = integerToBytes(value)
    const isShort = bytes.length <= 0xff
    this.#header(isShort ? OP.LONG1 : OP.LONG4, isShort ? 1 : 4, bytes.length)
    this.#raw(bytes)
  }

  float(value: number): void {
    this.#reserve(9)
    this.#buffer[this.#at] = OP.BINFLOAT
    this.#view.setFloat64(this.#at + 1, value)
    this.#at += 9
  }

  /** A string; one that was written before is referred to. */
  text(text: string): void {
    if (this.#reference(text)) return
    this.#memo.set(text, this.#memoSize)
    this.freshText(text)
  }

  /** A string that Python makes anew each time and so never refers to. */
  freshText(text: string): void {
    if (text.length * 3 <= 0xff) {
      this.#reserve(2 + text.length * 3)
      const start = this.#at + 2
      const end = writeUtf8(text, this.#buffer, start)
      this.#buffer[this.#at] = OP.SHORT_BINUNICODE
      this.#buffer[this.#at + 1] = end - start
      this.#at = end
    } else {
      const utf8 = new Uint8Array(text.length * 3)
      const payload = utf8.subarray(0, writeUtf8(text, utf8, 0))
      this.#payload(payload, OP.SHORT_BINUNICODE, OP.BINUNICODE, OP.BINUNICODE8)
    }
    this.memoize()
  }

  /** Bytes; the same object, and empty bytes, are referred to when they come again. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length > 0) {
      if (this.#reference(bytes)) return
      this.#memo.set(bytes, this.#memoSize)
    }
    this.freshBytes(bytes)
  }

  /** Bytes that Python makes anew each time, unless they are empty. */
  freshBytes(bytes: Uint8Array): void {
    if (bytes.length === 0) {
      if (this.#reference(EMPTY_BYTES)) return
      this.#memo.set(EMPTY_BYTES, this.#memoSize)
    }
    this.#payload(bytes, OP.SHORT_BINBYTES, OP.BINBYTES, OP.BINBYTES8)
    this.memoize()
  }

  #reference(key: string | Uint8Array): boolean {
    const index = this.#memo.get(key)
    if (index === undefined) return false
    if (index <= 0xff) this.#header(OP.BINGET, 1, index)
    else this.#header(OP.LONG_BINGET, 4, index)
    return true
  }

  #payload(bytes: Uint8Array, short: number, long: number, huge: number): void {
    const { length } = bytes
    const isLarge = length >= FRAME_SIZE_TARGET
    if (isLarge) this.#closeFrame()
    if (length <= 0xff) this.#header(short, 1, length)
    else if (length <= 0xffffffff) this.#header(long, 4, length, isLarge)
    else this.#header(huge, 8, length, isLarge)
    if (isLarge) {
      this.#blobs.push({ at: this.#at, bytes })
      this.#blobBytes += length
    } else {
      this.#raw(bytes)
    }
  }

  #header(code: number, width: 1 | 4 | 8, value: number, unframed = false): void {
    this.#reserve(9, unframed)
    this.#buffer[this.#at] = code
    if (width === 1) {
      this.#buffer[this.#at + 1] = value
    } else {
      this.#view.setUint32(this.#at + 1, value, true)
      if (width === 8) this.#view.setUint32(this.#at + 5, value / 2 ** 32, true)
    }
    this.#at += 1 + width
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Makes room, and opens a frame unless one is open. */
  #reserve(size: number, unframed = false): void {
    const needed = this.#at + size + FRAME_HEADER_SIZE
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
      grown.set(this.#buffer.subarray(0, this.#at))
      this.#buffer = grown
      this.#view = new DataView(grown.buffer)
    }
    if (this.#frame < 0 && !unframed) {
      this.#frame = this.#at
      this.#at += FRAME_HEADER_SIZE
    }
  }

  #closeFrame(): void {
    if (this.#frame < 0) return
    const start = this.#frame + FRAME_HEADER_SIZE
    const length = this.#at - start
    if (length < FRAME_SIZE_MIN) {
      this.#buffer.copyWithin(this.#frame, start, this.#at)
      this.#at -= FRAME_HEADER_SIZE
    } else {
      this.#buffer[this.#frame] = OP.FRAME
      this.#view.setUint32(this.#frame + 1, length, true)
      this.#view.setUint32(this.#frame + 5, 0, true)
    }
    this.#frame = -1
  }

  /** Ends the pickle; nothing can be written to it afterwards. */
  end(): void {
    this.opcode(OP.STOP)
    this.#closeFrame()
  }

  get byteLength(): number {
    return this.#at + this.#blobBytes
  }

  copyTo(target: Uint8Array): Uint8Array {
    return copyMessage(target, this.#buffer.subarray(0, this.#at), this.#blobs, this.byteLength)
  }
}

import { type Blob, copyMessage, type Encoded } from '../encoded.ts'
import { invalidArgument } from '../errors.ts'
import { writeUtf8 } from '../utf8.ts'

const SMALLEST_BUFFER = 8 * 1024
const LARGEST_SPARE = 1024 * 1024
/** Bytes from here on are not copied until the message is. */
const BLOB_MIN = 4 * 1024
/** A string from here on is encoded apart, as three bytes a unit would be too much to reserve. */
const LONG_TEXT = 16 * 1024
/** Below this many units a loop in JavaScript beats the call into the runtime. */
const SHORT_TEXT = 48

// Every runtime that this package targets has it; the language's own library does not declare it.
declare class TextEncoder {
  encode(source: string): Uint8Array
}

/** The buffer of the last writer, so that a message need not pay for fresh pages. Absent while a writer uses it. */
let spare: Uint8Array<ArrayBuffer> | undefined

/** Writes msgpack as Python's msgpack does: each value in its shortest form, floats in 8 bytes, bytes as `bin`. */
export class MsgpackWriter implements Encoded {
  #buffer: Uint8Array<ArrayBuffer>
  #view: DataView
  #at = 0
  readonly #blobs: Blob[] = []
  #blobBytes = 0

  constructor() {
    this.#buffer = spare ?? new Uint8Array(SMALLEST_BUFFER)
    this.#view = new DataView(this.#buffer.buffer)
    spare = undefined
  }

  get byteLength(): number {
    return this.#at + this.#blobBytes
  }

  copyTo(target: Uint8Array): Uint8Array {
    return copyMessage(target, this.#buffer.subarray(0, this.#at), this.#blobs, this.byteLength)
  }

  release(): void {
    if (this.#buffer.length <= LARGEST_SPARE) spare = this.#buffer
  }

  nil(): void {
    this.#byte(0xc0)
  }

  boolean(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2)
  }

  /** A safe integer other than -0 as an integer, any other number as a float. */
  number(value: number): void {
    if (value === (value | 0) ? value !== 0 || 1 / value > 0 : Number.isSafeInteger(value)) this.integer(value)
    else this.float(value)
  }

  /** A safe integer. */
  integer(value: number): void {
    this.#reserve(9)
    const buffer = this.#buffer
    const at = this.#at
    if (value >= 0 ? value < 0x80 : value >= -0x20) {
      buffer[at] = value
      this.#at = at + 1
    } else if (value === (value | 0) && value >= -0x80 && value <= 0xff) {
      buffer[at] = value < 0 ? 0xd0 : 0xcc
      buffer[at + 1] = value
      this.#at = at + 2
    } else if (value >= -0x8000 && value <= 0xffff) {
      buffer[at] = value < 0 ? 0xd1 : 0xcd
      buffer[at + 1] = value >> 8
      buffer[at + 2] = value
      this.#at = at + 3
    } else if (value >= -0x8000_0000 && value <= 0xffff_ffff) {
      buffer[at] = value < 0 ? 0xd2 : 0xce
      this.#view.setInt32(at + 1, value)
      this.#at = at + 5
    } else {
      buffer[at] = value < 0 ? 0xd3 : 0xcf
      this.#view.setInt32(at + 1, Math.floor(value / 2 ** 32))
      this.#view.setInt32(at + 5, value)
      this.#at = at + 9
    }
  }

  /** @throws INVALID_ARGUMENT beyond 64 bits */
  bigInteger(value: bigint): void {
    if (Number.isSafeInteger(Number(value))) {
      this.integer(Number(value))
      return
    }
    if (value < -(2n ** 63n) || value >= 2n ** 64n) throw invalidArgument('msgpack carries no integer beyond 64 bits')
    this.#reserve(9)
    this.#buffer[this.#at] = value < 0 ? 0xd3 : 0xcf
    this.#view.setBigInt64(this.#at + 1, BigInt.asIntN(64, value))
    this.#at += 9
  }

  float(value: number): void {
    this.#reserve(9)
    this.#buffer[this.#at] = 0xcb
    this.#view.setFloat64(this.#at + 1, value)
    this.#at += 9
  }

  /** @throws INVALID_ARGUMENT for a lone surrogate, which Python refuses too */
  text(text: string): void {
    const { length } = text
    if (length > LONG_TEXT) {
      if (!text.isWellFormed()) throw loneSurrogate()
      const utf8 = new TextEncoder().encode(text)
      this.#header(0xd9, utf8.length)
      this.raw(utf8)
      return
    }
    this.#reserve(3 * length + 5)
    const guess = length < 0x20 ? 1 : length <= 0xff ? 2 : 3
    const start = this.#at + guess
    const end = length > SHORT_TEXT ? -1 : this.#ascii(text, start)
    if (end >= 0) this.#textHeader(length, guess, start)
    else this.#unicode(text, guess, start)
  }

  /** Writes a text of ASCII only and gives its end, or -1 where it is not. */
  #ascii(text: string, start: number): number {
    const buffer = this.#buffer
    let at = start
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) return -1
      buffer[at++] = unit
    }
    return at
  }

  #unicode(text: string, guess: number, start: number): void {
    if (!text.isWellFormed()) throw loneSurrogate()
    this.#textHeader(writeUtf8(text, this.#buffer, start) - start, guess, start)
  }

  /** Puts the header before text that was written with room for one of `guess` bytes. */
  #textHeader(length: number, guess: number, start: number): void {
    const size = length < 0x20 ? 1 : length <= 0xff ? 2 : 3
    if (size !== guess) this.#buffer.copyWithin(this.#at + size, start, start + length)
    if (size === 1) this.#buffer[this.#at++] = 0xa0 | length
    else this.#header(0xd9, length)
    this.#at += length
  }

  /** Bytes. They must not change until the message is written. */
  binary(bytes: Uint8Array): void {
    this.binaryHeader(bytes.length)
    this.raw(bytes)
  }

  /** Announces bytes, which `raw` has to give in one or more parts. */
  binaryHeader(length: number): void {
    this.#header(0xc4, length)
  }

  /** Bytes as they are: a part of announced bytes, or msgpack that is written already. */
  raw(bytes: Uint8Array): void {
    if (bytes.length >= BLOB_MIN) {
      this.#blobs.push({ at: this.#at, bytes })
      this.#blobBytes += bytes.length
      return
    }
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  list(length: number): void {
    if (length < 16) this.#byte(0x90 | length)
    else this.#longHeader(0xdc, length)
  }

  /** A list of safe integers, such as a shape. */
  integers(values: readonly number[]): void {
    this.list(values.length)
    for (const value of values) this.integer(value)
  }

  map(size: number): void {
    if (size < 16) this.#byte(0x80 | size)
    else this.#longHeader(0xde, size)
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.#buffer[this.#at++] = byte
  }

  /** A code for a length of one byte; those for two and four follow it. */
  #header(code: number, length: number): void {
    if (length > 0xff) {
      this.#longHeader(code + 1, length)
      return
    }
    this.#reserve(2)
    this.#buffer[this.#at] = code
    this.#buffer[this.#at + 1] = length
    this.#at += 2
  }

  /** A code for a length of two bytes; that for four follows it. */
  #longHeader(code: number, length: number): void {
    if (length > 0xffff_ffff) throw invalidArgument('msgpack carries no more than 4 GiB in one value')
    this.#reserve(5)
    this.#buffer[this.#at] = length > 0xffff ? code + 1 : code
    if (length > 0xffff) this.#view.setUint32(this.#at + 1, length)
    else this.#view.setUint16(this.#at + 1, length)
    this.#at += length > 0xffff ? 5 : 3
  }

  #reserve(size: number): void {
    if (this.#at + size > this.#buffer.length) this.#grow(this.#at + size)
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2))
    grown.set(this.#buffer.subarray(0, this.#at))
    this.#buffer = grown
    this.#view = new DataView(grown.buffer)
  }
}

function loneSurrogate(): Error {
  return invalidArgument('half a surrogate pair is no text that msgpack carries')
}

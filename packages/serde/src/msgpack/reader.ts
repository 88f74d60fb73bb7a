import type { DecodeOptions } from '../decode-options.ts'
import { invalidArgument, malformed, RmqError } from '../errors.ts'
import { Float } from '../python-values.ts'
import { atPath } from '../refusal.ts'
import { readBinaryKey, readKey, readText } from './text.ts'
import { TIMESTAMP, timestampToDate } from './timestamp.ts'

/** How a dialect recognises its own maps. Each gives undefined for a map that is the sender's. */
export interface ArrayReader {
  /** From the values under binary keys, by the keys' text. */
  fromBinaryKeys?(fields: ReadonlyMap<string, unknown>, keepScalars: boolean): unknown
  /** From a map whose keys are all text. */
  fromTextKeys?(fields: { readonly [key: string]: unknown }): unknown
}

/**
 * Reads one msgpack message. Bytes and arrays are windows on it where alignment allows.
 *
 * @throws MALFORMED_MESSAGE with the path, when the bytes are not exactly one message, or exceed the limits
 * @throws UNSAFE_PAYLOAD with the path, when Python would have to run something to read it
 */
export function decodeMsgpack(bytes: Uint8Array, arrays: ArrayReader, options: DecodeOptions = {}): unknown {
  if (!(bytes instanceof Uint8Array)) throw invalidArgument('a codec decodes the bytes of a message, a Uint8Array')
  return new MsgpackReader(bytes, arrays, options).root()
}

class MsgpackReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  #at = 0
  readonly #arrays: ArrayReader
  readonly #keepFloats: boolean
  readonly #keepScalars: boolean
  readonly #maxDepth: number
  readonly #maxValues: number
  /** Values that may still come: one takes a byte at least, so this bounds what containers may claim to hold. */
  #left: number
  /** Keys and indices from the root to the value at hand; only the first `#depth` of them count. */
  readonly #path: unknown[] = []
  #depth = 0

  constructor(bytes: Uint8Array, arrays: ArrayReader, options: DecodeOptions) {
    const { floats = 'number', scalars = 'value', maxDepth = 512, maxValues = 1_048_576 } = options
    // A Buffer would hand out Buffers.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.byteLength
    this.#arrays = arrays
    this.#keepFloats = floats === 'keep'
    this.#keepScalars = scalars === 'keep'
    this.#maxDepth = maxDepth
    this.#maxValues = maxValues
    this.#left = Math.min(bytes.byteLength, maxValues) - 1
  }

  root(): unknown {
    try {
      const value = this.#value()
      if (this.#at < this.#end) throw malformed(`${this.#end - this.#at} bytes follow the end of the message`)
      return value
    } catch (error) {
      throw atPath(this.#path.slice(0, this.#depth), asMalformed(error))
    }
  }

  #value(): unknown {
    const byte = this.#bytes[this.#take(1)]!
    if (byte < 0x80) return byte
    if (byte < 0x90) return this.#map(byte & 0x0f)
    if (byte < 0xa0) return this.#list(byte & 0x0f)
    if (byte < 0xc0) return this.#text(byte & 0x1f)
    if (byte >= 0xe0) return byte - 0x100
    return this.#coded(byte)
  }

  #coded(code: number): unknown {
    const view = this.#view
    switch (code) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#length(code - 0xc4))
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(code - 0xc7))
      case 0xca:
        return this.#float(view.getFloat32(this.#take(4)))
      case 0xcb:
        return this.#float(view.getFloat64(this.#take(8)))
      case 0xcc:
        return this.#bytes[this.#take(1)]
      case 0xcd:
        return view.getUint16(this.#take(2))
      case 0xce:
        return view.getUint32(this.#take(4))
      case 0xcf:
        return safeInteger(view.getBigUint64(this.#take(8)))
      case 0xd0:
        return view.getInt8(this.#take(1))
      case 0xd1:
        return view.getInt16(this.#take(2))
      case 0xd2:
        return view.getInt32(this.#take(4))
      case 0xd3:
        return safeInteger(view.getBigInt64(this.#take(8)))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (code - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(code - 0xd9))
      case 0xdc:
      case 0xdd:
        return this.#list(this.#length(code - 0xdb))
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(code - 0xdd))
      default:
        throw malformed('byte 0xc1 begins no value of msgpack')
    }
  }

  #float(value: number): number | Float {
    if (!this.#keepFloats || !Number.isSafeInteger(value) || Object.is(value, -0)) return value
    return new Float(value)
  }

  #text(length: number): string {
    const start = this.#take(length)
    return readText(this.#bytes, start, start + length)
  }

  #binary(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  #extension(length: number): Date {
    const type = this.#view.getInt8(this.#take(1))
    const bytes = this.#binary(length)
    if (type !== TIMESTAMP) throw malformed(`extension type ${type} is known to nobody but its sender`)
    return timestampToDate(bytes)
  }

  #list(length: number): unknown[] {
    const at = this.#enter(length)
    const list: unknown[] = []
    for (let i = 0; i < length; i++) {
      this.#path[at] = i
      list.push(this.#value())
    }
    this.#depth = at
    return list
  }

  /** An object when all keys are strings, else a Map, unless the dialect knows better. */
  #map(size: number): unknown {
    const at = this.#enter(2 * size)
    const plain: { [key: string]: unknown } = {}
    for (let i = 0; i < size; i++) {
      const key = this.#key()
      if (typeof key !== 'string') return this.#mapOfMore(Object.entries(plain), key, size - i, at)
      this.#path[at] = key
      const value = this.#value()
      if (key === '__proto__') Object.defineProperty(plain, key, { ...OWN, value })
      else plain[key] = value
    }
    this.#depth = at
    return this.#arrays.fromTextKeys?.(plain) ?? plain
  }

  /** The rest of a map, from the first key on that is no string: a Map, unless the dialect knows better. */
  #mapOfMore(before: readonly [string, unknown][], first: unknown, left: number, at: number): unknown {
    const rest: [key: unknown, value: unknown][] = []
    const fields = new Map<string, unknown>()
    for (let key = first; ; key = this.#key()) {
      const name = key instanceof Uint8Array ? readBinaryKey(key, 0, key.length) : undefined
      this.#path[at] = name ?? key
      const value = this.#value()
      rest.push([key, value])
      if (name !== undefined) fields.set(name, value)
      if (rest.length === left) break
    }
    this.#depth = at
    return this.#arrays.fromBinaryKeys?.(fields, this.#keepScalars) ?? new Map<unknown, unknown>([...before, ...rest])
  }

  #key(): unknown {
    const byte = this.#bytes[this.#at]
    if (byte !== undefined && byte >= 0xa0 && byte < 0xc0) {
      const start = this.#take(1 + (byte & 0x1f)) + 1
      return readKey(this.#bytes, start, start + (byte & 0x1f))
    }
    const key = this.#value()
    if (key instanceof Float) return key.value
    if (typeof key !== 'object' || key === null || key instanceof Uint8Array) return key
    throw malformed('a key of a map is a list, a map or a time, which Python cannot hash')
  }

  /** Steps into a container that claims so many values, and gives the place of its keys in the path. */
  #enter(count: number): number {
    this.#left -= count
    if (this.#left < 0) throw this.#tooMany()
    if (this.#depth >= this.#maxDepth) throw malformed(`the message is nested deeper than ${this.#maxDepth} levels`)
    return this.#depth++
  }

  #tooMany(): Error {
    return this.#end < this.#maxValues
      ? malformed(`the containers claim more values than the message has bytes, ${this.#end}`)
      : malformed(`the message holds more than ${this.#maxValues} values`)
  }

  /** A length of 1, 2 or 4 bytes. */
  #length(sizeLog2: number): number {
    const start = this.#take(1 << sizeLog2)
    if (sizeLog2 === 0) return this.#bytes[start]!
    return sizeLog2 === 1 ? this.#view.getUint16(start) : this.#view.getUint32(start)
  }

  /** Moves on by so many bytes and says where they began. */
  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#end) throw malformed(`${length} bytes are announced where ${this.#end - start} are left`)
    this.#at = start + length
    return start
  }
}

const OWN = { enumerable: true, configurable: true, writable: true } as const

/** What an array or a scalar refuses as an argument is damage here: it came with the message. */
function asMalformed(error: unknown): unknown {
  const isArgument = RmqError.isInstance(error) && error.code === 'INVALID_ARGUMENT'
  return isArgument ? malformed(error.message, error) : error
}

/** A number where that is exact. */
function safeInteger(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

import { Complex } from '../complex.ts'
import { NumpyScalar } from '../dialects/numpy-scalar.ts'
import { invalidArgument } from '../errors.ts'
import { NDArray } from '../nd-array.ts'
import { Float, Tuple } from '../python-values.ts'
import { atPath, whyNot } from '../refusal.ts'
import { StructuredArray } from '../structured/structured-array.ts'
import { TorchTensor } from '../torch-tensor.ts'
import type { TypedArray } from '../typed-array.ts'
import { latin1 } from './key-text.ts'
import { timestampExtension } from './timestamp.ts'
import { MsgpackWriter } from './writer.ts'

/** How a dialect writes what msgpack itself has no form for. Each throws INVALID_ARGUMENT for what it does not carry. */
export interface ArrayWriter {
  array(writer: MsgpackWriter, array: NDArray): void
  structured(writer: MsgpackWriter, array: StructuredArray): void
  scalar(writer: MsgpackWriter, scalar: NumpyScalar): void
  complex(writer: MsgpackWriter, value: Complex): void
  /** Keys that mark the dialect's own maps: readers would take a map of the caller's for one of those. */
  readonly binaryMarkers: ReadonlySet<string>
  readonly textMarkers: ReadonlySet<string>
}

/** What is read again within 512 levels, of which the map of an array takes a few. Python's readers end at 1024. */
const MAX_DEPTH = 508

/**
 * A value as msgpack, arrays as `arrays` writes them.
 *
 * @throws INVALID_ARGUMENT with the path of the first value that cannot travel
 */
export function encodeMsgpack(value: unknown, arrays: ArrayWriter): MsgpackWriter {
  const writer = new MsgpackWriter()
  try {
    new MsgpackEncoder(writer, arrays).root(value)
    return writer
  } catch (error) {
    writer.release()
    throw error
  }
}

class MsgpackEncoder {
  readonly #writer: MsgpackWriter
  readonly #arrays: ArrayWriter
  /** Keys and indices from the root to the value at hand; only the first `#depth` of them count. */
  readonly #path: unknown[] = []
  #depth = 0

  constructor(writer: MsgpackWriter, arrays: ArrayWriter) {
    this.#writer = writer
    this.#arrays = arrays
  }

  root(value: unknown): void {
    try {
      this.#value(value)
    } catch (error) {
      throw atPath(this.#depth === 0 ? ['value'] : this.#path.slice(0, this.#depth), error)
    }
  }

  #value(value: unknown): void {
    const writer = this.#writer
    if (typeof value === 'string') writer.text(value)
    else if (typeof value === 'number') writer.number(value)
    else if (typeof value === 'boolean') writer.boolean(value)
    else if (typeof value === 'bigint') writer.bigInteger(value)
    else if (value === null) writer.nil()
    else if (typeof value === 'object') this.#object(value)
    else throw invalidArgument(whyNot(value))
  }

  #object(value: object): void {
    if (Array.isArray(value)) this.#list(value)
    else if (value instanceof Uint8Array) this.#writer.binary(value)
    else if (isPlainObject(value)) this.#plainObject(value as { readonly [key: string]: unknown })
    else if (value instanceof NDArray) this.#arrays.array(this.#writer, value)
    else if (value instanceof Float) this.#writer.float(value.value)
    else if (value instanceof Map) this.#map(value)
    else this.#rare(value)
  }

  #rare(value: object): void {
    if (value instanceof Tuple) this.#list(value.items)
    else if (value instanceof NumpyScalar) this.#arrays.scalar(this.#writer, value)
    else if (value instanceof StructuredArray) this.#arrays.structured(this.#writer, value)
    else if (value instanceof Complex) this.#arrays.complex(this.#writer, value)
    else if (value instanceof Date) this.#writer.raw(timestampExtension(value))
    else if (value instanceof TorchTensor) throw invalidArgument('a tensor cannot travel in msgpack: send toNDArray()')
    else this.#arrays.array(this.#writer, fromTypedArray(value))
  }

  #list(items: readonly unknown[]): void {
    const { length } = items
    this.#writer.list(length)
    const at = this.#enter()
    for (let i = 0; i < length; i++) {
      this.#path[at] = i
      this.#value(items[i])
    }
    this.#depth = at
  }

  #plainObject(value: { readonly [key: string]: unknown }): void {
    const keys = Object.keys(value)
    this.#writer.map(keys.length)
    const at = this.#enter()
    for (const key of keys) {
      this.#path[at] = key
      this.#textKey(key)
      this.#value(value[key])
    }
    this.#depth = at
  }

  #map(map: ReadonlyMap<unknown, unknown>): void {
    this.#writer.map(map.size)
    const at = this.#enter()
    for (const [key, value] of map) {
      this.#path[at] = key instanceof Uint8Array ? latin1(key) : key
      this.#key(key)
      this.#value(value)
    }
    this.#depth = at
  }

  #key(key: unknown): void {
    if (typeof key === 'string') this.#textKey(key)
    else if (key instanceof Uint8Array) this.#binaryKey(key)
    else if (key === null || (typeof key !== 'object' && typeof key !== 'undefined')) this.#value(key)
    else throw invalidArgument('a key of a Map is a string, bytes, a number, a bigint, a boolean or null')
  }

  #textKey(key: string): void {
    if (this.#arrays.textMarkers.has(key)) throw reserved(key)
    this.#writer.text(key)
  }

  #binaryKey(key: Uint8Array): void {
    if (this.#arrays.binaryMarkers.has(latin1(key))) throw reserved(latin1(key))
    this.#writer.binary(key)
  }

  /** Steps into a container and gives the place of its keys in the path. */
  #enter(): number {
    if (this.#depth >= MAX_DEPTH) throw invalidArgument(`it is nested deeper than ${MAX_DEPTH} levels, or in a cycle`)
    return this.#depth++
  }
}

/** A typed array is an array with one axis. What is none cannot travel. */
function fromTypedArray(value: object): NDArray {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) throw invalidArgument(whyNot(value))
  return NDArray.fromData(value as TypedArray)
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function reserved(key: string): Error {
  return invalidArgument(`the key ${key} marks an array for its readers: send an NDArray`)
}

import type { Encoded } from './encoded.ts'
import type { RmqError } from './errors.ts'
import { NDArray } from './nd-array.ts'
import { OP } from './pickle-opcodes.ts'
import { PickleWriter } from './pickle-writer.ts'
import { Float, Tuple } from './python-values.ts'
import { refusal, whyNot } from './refusal.ts'
import { TENSOR_TAG, TorchTensor } from './torch-tensor.ts'
import { isTypedArray } from './typed-array.ts'

/** Python's reader takes no deeper nesting. */
const MAX_DEPTH = 128
/** Items that CPython puts into one APPENDS or SETITEMS. */
const BATCH_SIZE = 1000
const TUPLE_OPCODES: readonly number[] = [OP.EMPTY_TUPLE, OP.TUPLE1, OP.TUPLE2, OP.TUPLE3]
/** robotmq sends booleans, integers and floats of up to 8 bytes; the rest is refused. */
const ARRAY_KINDS = 'biuf'

/**
 * A value as robotmq 0.1.16's `safe_serialize` writes it.
 *
 * @throws INVALID_ARGUMENT with the path of the first value that cannot travel
 */
export function encodeRobotmq(value: unknown): Encoded {
  const writer = new PickleWriter()
  try {
    new RobotmqEncoder(writer).encode(value)
    return writer
  } catch (error) {
    writer.release()
    throw error
  }
}

class RobotmqEncoder {
  readonly #writer: PickleWriter
  /** Keys and indices from the root to the value at hand; only the first `depth` of them count. */
  readonly #path: unknown[] = []

  constructor(writer: PickleWriter) {
    this.#writer = writer
  }

  encode(value: unknown): void {
    this.#value(value, 0)
    this.#writer.end()
  }

  #value(value: unknown, depth: number): void {
    this.#writer.startValue()
    if (!this.#scalar(value)) this.#object(value as object, depth)
  }

  /** Writes what is no container; false when it is one, or cannot travel. */
  #scalar(value: unknown): boolean {
    const writer = this.#writer
    switch (typeof value) {
      case 'string':
        writer.text(value)
        return true
      case 'number':
        if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.integer(value)
        else writer.float(value)
        return true
      case 'boolean':
        writer.opcode(value ? OP.NEWTRUE : OP.NEWFALSE)
        return true
      case 'bigint':
        writer.bigInteger(value)
        return true
    }
    if (value === null) writer.opcode(OP.NONE)
    else if (value instanceof Uint8Array) writer.bytes(value)
    else if (value instanceof Float) writer.float(value.value)
    else return false
    return true
  }

  #object(value: unknown, depth: number): void {
    if (depth >= MAX_DEPTH) throw this.#refusal(depth, `it is nested deeper than ${MAX_DEPTH} levels, or in a cycle`)
    if (Array.isArray(value)) this.#list(value, depth)
    else if (value instanceof NDArray) this.#array(value, depth)
    else if (value instanceof Map) this.#map(value, depth)
    else if (value instanceof Tuple) this.#tuple(value.items, depth, (item) => this.#value(item, depth + 1))
    else if (value instanceof TorchTensor) this.#tensor(value)
    else if (isPlainObject(value)) this.#plainObject(value, depth)
    else this.#array(this.#typedArray(value, depth), depth)
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    if (map.has(TENSOR_TAG)) throw this.#reservedKey(depth)
    this.#dict(map, map.size, depth, (key) => this.#key(key, depth))
  }

  #plainObject(value: object, depth: number): void {
    if (Object.hasOwn(value, TENSOR_TAG)) throw this.#reservedKey(depth)
    const entries = Object.entries(value)
    this.#dict(entries, entries.length, depth, (key) => this.#writer.text(key as string))
  }

  /** A typed array is an array with one axis. What is none cannot travel. */
  #typedArray(value: unknown, depth: number): NDArray {
    if (!isTypedArray(value)) throw this.#refusal(depth, whyNot(value))
    return NDArray.fromData(value)
  }

  #list(items: readonly unknown[], depth: number): void {
    const writer = this.#writer
    const { length } = items
    writer.opcode(OP.EMPTY_LIST)
    writer.memoize()
    for (let start = 0; start < length; start += BATCH_SIZE) {
      if (length > 1) writer.opcode(OP.MARK)
      const end = Math.min(start + BATCH_SIZE, length)
      for (let i = start; i < end; i++) {
        this.#path[depth] = i
        this.#value(items[i], depth + 1)
      }
      writer.opcode(length > 1 ? OP.APPENDS : OP.APPEND)
    }
  }

  #tuple(items: readonly unknown[], depth: number, write: (item: unknown) => void): void {
    const { length } = items
    if (length > 3) this.#writer.opcode(OP.MARK)
    for (let i = 0; i < length; i++) {
      this.#path[depth] = i
      write(items[i])
    }
    this.#closeTuple(length)
  }

  #closeTuple(length: number): void {
    this.#writer.opcode(TUPLE_OPCODES[length] ?? OP.TUPLE)
    if (length > 0) this.#writer.memoize()
  }

  #dict(
    entries: Iterable<readonly [unknown, unknown]>,
    size: number,
    depth: number,
    writeKey: (key: unknown) => void,
  ): void {
    const writer = this.#writer
    writer.opcode(OP.EMPTY_DICT)
    writer.memoize()
    if (size === 0) return
    if (size > 1) writer.opcode(OP.MARK)
    let inBatch = 0
    for (const [key, value] of entries) {
      // A full batch is followed by another one, even when that one stays empty.
      if (inBatch === BATCH_SIZE) {
        writer.opcode(OP.SETITEMS)
        writer.opcode(OP.MARK)
        inBatch = 0
      }
      this.#path[depth] = key
      writer.startValue()
      writeKey(key)
      this.#value(value, depth + 1)
      inBatch++
    }
    if (inBatch === BATCH_SIZE) {
      writer.opcode(OP.SETITEMS)
      writer.opcode(OP.MARK)
    }
    writer.opcode(size > 1 ? OP.SETITEMS : OP.SETITEM)
  }

  /** A key of a Map. Python's keys cannot be lists: arrays are tuples here. */
  #key(key: unknown, depth: number): void {
    this.#writer.startValue()
    if (this.#scalar(key)) return
    const items = Array.isArray(key) ? key : key instanceof Tuple ? key.items : undefined
    if (items === undefined || depth + 1 >= MAX_DEPTH) {
      throw this.#refusal(depth, 'a key of a Map is a string, number, bigint, boolean, null, bytes, or a tuple of them')
    }
    this.#tuple(items, depth + 1, (item) => this.#key(item, depth + 1))
  }

  /** robotmq's triple: the bytes in C order, numpy's dtype string, the shape. */
  #array(array: NDArray, depth: number): void {
    if (!array.dtype.isNumeric || !ARRAY_KINDS.includes(array.dtype.kind)) {
      throw this.#refusal(depth, `an array of ${array.dtype.name} cannot travel: send bool, integers or floats`)
    }
    this.#writer.freshBytes(array.toBytes())
    this.#writer.startValue()
    this.#writer.freshText(array.dtype.str)
    this.#writer.startValue()
    this.#shape(array.shape)
    this.#closeTuple(3)
  }

  #shape(shape: readonly number[]): void {
    if (shape.length > 3) this.#writer.opcode(OP.MARK)
    for (const length of shape) {
      this.#writer.startValue()
      this.#writer.integer(length)
    }
    this.#closeTuple(shape.length)
  }

  #tensor(tensor: TorchTensor): void {
    const writer = this.#writer
    const fields: readonly [string, () => void][] = [
      [TENSOR_TAG, () => writer.integer(1)],
      ['dtype', () => writer.freshText(tensor.dtype)],
      ['shape', () => this.#shape(tensor.shape)],
      ['data', () => writer.freshBytes(tensor.data)],
    ]
    writer.opcode(OP.EMPTY_DICT)
    writer.memoize()
    writer.opcode(OP.MARK)
    for (const [key, write] of fields) {
      writer.startValue()
      writer.text(key)
      writer.startValue()
      write()
    }
    writer.opcode(OP.SETITEMS)
  }

  #reservedKey(depth: number): RmqError {
    return this.#refusal(depth, `the key ${TENSOR_TAG} is reserved for tensors: send a TorchTensor`)
  }

  #refusal(depth: number, reason: string): RmqError {
    return refusal(this.#path.slice(0, depth), reason)
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

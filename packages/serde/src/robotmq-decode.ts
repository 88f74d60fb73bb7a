import { arrayFromTriple } from './array-triple.ts'
import { Budget } from './budget.ts'
import { Complex } from './complex.ts'
import type { DecodeOptions } from './decode-options.ts'
import { invalidArgument, malformed, unsafe } from './errors.ts'
import type { NDArray } from './nd-array.ts'
import { PickleReader } from './pickle-reader.ts'
import { PyByteArray, PyDict, PyDType, PyFloat, type PyGlobal, PyRange, PySet, PyTuple } from './pickle-values.ts'
import { Float } from './python-values.ts'
import { TENSOR_TAG, tensorFromWire } from './torch-tensor.ts'

/**
 * Reads a payload of robotmq. Arrays and bytes are windows on `bytes` where alignment and byte order allow.
 *
 * @returns null for no bytes at all, as robotmq does
 * @throws MALFORMED_MESSAGE when it is damaged, or costs more to read than its size justifies
 * @throws UNSAFE_PAYLOAD when reading it would need Python to run something
 */
export function decodeRobotmq(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  if (!(bytes instanceof Uint8Array)) throw invalidArgument('deserialize takes the bytes of a payload, a Uint8Array')
  if (bytes.length === 0) return null
  const { floats = 'number', maxDepth = 512, maxValues = 1_048_576 } = options
  const budget = new Budget(bytes.length, maxDepth)
  const root = new PickleReader(bytes, budget, maxValues).read()
  return new Builder(budget, floats === 'keep').value(root, 0)
}

/** Turns the nodes of a pickle into values. What the pickle shares is built anew at each place. */
class Builder {
  readonly #budget: Budget
  readonly #keepFloats: boolean

  constructor(budget: Budget, keepFloats: boolean) {
    this.#budget = budget
    this.#keepFloats = keepFloats
  }

  value(node: unknown, depth: number): unknown {
    if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return node
    if (node instanceof PyFloat) return this.#float(node.value)
    this.#budget.checkDepth(depth)
    if (node instanceof PyDict) return this.#dict(node, depth)
    if (Array.isArray(node)) return this.#list(node, depth)
    if (node instanceof PyTuple) return this.#arrayOf(node) ?? this.#list(node.items, depth)
    return this.#rare(node, depth)
  }

  #float(value: number): number | Float {
    const looksLikeInteger = Number.isSafeInteger(value) && !Object.is(value, -0)
    return this.#keepFloats && looksLikeInteger ? new Float(value) : value
  }

  #list(items: readonly unknown[], depth: number): unknown[] {
    this.#budget.chargeEntries(items.length)
    return items.map((item) => this.value(item, depth + 1))
  }

  #arrayOf(node: PyTuple): NDArray | undefined {
    const array = arrayFromTriple(node)
    if (array !== undefined) this.#budget.chargeBytes(array.byteLength)
    return array
  }

  /** An object when all keys are strings, else a Map. */
  #dict({ entries }: PyDict, depth: number): unknown {
    this.#budget.chargeEntries(entries.length)
    for (let i = 0; i < entries.length; i += 2) {
      if (typeof entries[i] !== 'string') return this.#map(entries, depth)
    }
    const plain: { [key: string]: unknown } = {}
    for (let i = 0; i < entries.length; i += 2) {
      const key = entries[i] as string
      const value = this.value(entries[i + 1], depth + 1)
      if (key === '__proto__') Object.defineProperty(plain, key, { ...OWN, value })
      else plain[key] = value
    }
    return Object.hasOwn(plain, TENSOR_TAG) ? this.#tensor(plain) : plain
  }

  #map(entries: readonly unknown[], depth: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>()
    for (let i = 0; i < entries.length; i += 2) {
      map.set(this.#key(entries[i], depth + 1), this.value(entries[i + 1], depth + 1))
    }
    return map
  }

  /** Keys of dictionaries and members of sets: never arrays of numbers, as in Python. */
  #key(node: unknown, depth: number): unknown {
    this.#budget.checkDepth(depth)
    if (node instanceof PyFloat) return node.value
    if (Array.isArray(node) || node instanceof PyDict || node instanceof PyByteArray) {
      throw malformed('a key of a dictionary, or a member of a set, is a value that Python cannot hash')
    }
    if (!(node instanceof PyTuple)) return this.value(node, depth)
    this.#budget.chargeEntries(node.items.length)
    return node.items.map((item) => this.#key(item, depth + 1))
  }

  /** Only the very dictionary that robotmq makes is a tensor. */
  #tensor(fields: { readonly [key: string]: unknown }): unknown {
    const { [TENSOR_TAG]: tag, dtype, shape, data, ...others } = fields
    if (tag !== 1 || Object.keys(fields).length !== 4 || Object.keys(others).length > 0) return fields
    if (data instanceof Uint8Array) this.#budget.chargeBytes(data.length)
    return tensorFromWire(dtype, shape, data)
  }

  #rare(node: object, depth: number): unknown {
    this.#budget.chargeEntries(1)
    if (node instanceof PyByteArray) return node.bytes
    if (node instanceof PyDType) return node.type
    if (node instanceof Complex) return node
    if (node instanceof PySet) {
      this.#budget.chargeEntries(node.items.length)
      return new Set(node.items.map((item) => this.#key(item, depth + 1)))
    }
    if (node instanceof PyRange) {
      this.#budget.chargeEntries(node.length)
      return Array.from({ length: node.length }, (_, i) => node.start + i * node.step)
    }
    throw unsafe(`the payload refers to ${(node as PyGlobal).name} itself, not to a value`)
  }
}

const OWN = { enumerable: true, configurable: true, writable: true } as const

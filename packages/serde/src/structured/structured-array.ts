import { invalidArgument } from '../errors.ts'
import { NDArray } from '../nd-array.ts'
import type { Nested } from '../nested.ts'
import { checkShape, cOrderSteps, resolveIndex, sizeOf } from '../strides.ts'
import { type StructField, StructType } from './struct-type.ts'

/** One record: its fields by name. Fields that are arrays are nested arrays, those that are records records. */
export interface StructRecord {
  readonly [field: string]: unknown
}

/** An array of records, such as numpy's `np.zeros(3, dtype=[('t', '<f8'), ('pose', '<f4', (6,))])`. To be read. */
export class StructuredArray {
  readonly dtype: StructType
  readonly shape: readonly number[]
  /** The records in C order, fields one behind the other. */
  readonly bytes: Uint8Array

  /** @throws INVALID_ARGUMENT when the bytes do not fill the shape exactly */
  constructor(dtype: StructType, shape: readonly number[], bytes: Uint8Array) {
    checkShape(shape)
    const needed = sizeOf(shape) * dtype.itemSize
    if (dtype.itemSize === 0 || needed !== bytes.length) {
      throw invalidArgument(`[${shape.join(', ')}] records take ${needed} bytes, but there are ${bytes.length}`)
    }
    this.dtype = dtype
    this.shape = [...shape]
    this.bytes = bytes
  }

  /** Number of records. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /**
   * One field of all records: an array with the axes of this one, and behind them those of the field. A copy.
   *
   * @throws INVALID_ARGUMENT when there is no such field
   */
  field(name: string): NDArray | StructuredArray {
    const field = this.dtype.fields.find((candidate) => candidate.name === name)
    if (field === undefined) throw invalidArgument(`there is no field ${name}: ${this.#fieldNames()}`)
    const { itemSize } = this.dtype
    const length = field.type.itemSize * sizeOf(field.shape)
    const bytes = new Uint8Array(this.size * length)
    for (let i = 0; i < this.size; i++) {
      const start = i * itemSize + field.offset
      bytes.set(this.bytes.subarray(start, start + length), i * length)
    }
    return fieldArray(field, [...this.shape, ...field.shape], bytes)
  }

  /**
   * One record. Negative indices count from the end of their axis.
   *
   * @throws INVALID_ARGUMENT when there is not one index an axis, or one is out of range
   */
  at(...index: readonly number[]): StructRecord {
    if (index.length !== this.shape.length) {
      throw invalidArgument(`${index.length} indices for ${this.shape.length} axes`)
    }
    const steps = cOrderSteps(this.shape, 1)
    const place = index.map((i, axis) => resolveIndex(i, this.shape[axis]!, axis) * steps[axis]!)
    return this.#record(place.reduce((sum, step) => sum + step, 0))
  }

  /** The records as nested arrays, one level an axis; a single record for no axes. */
  toNested(): Nested<StructRecord> {
    const build = (axis: number, at: number): Nested<StructRecord> => {
      if (axis === this.shape.length) return this.#record(at)
      const step = sizeOf(this.shape.slice(axis + 1))
      return Array.from({ length: this.shape[axis]! }, (_, i) => build(axis + 1, at + i * step))
    }
    return build(0, 0)
  }

  #record(at: number): StructRecord {
    const start = at * this.dtype.itemSize
    // A field may be called __proto__.
    return Object.fromEntries(
      this.dtype.fields.map((field) => {
        const from = start + field.offset
        const bytes = this.bytes.subarray(from, from + field.type.itemSize * sizeOf(field.shape))
        return [field.name, fieldArray(field, field.shape, bytes).toNested()]
      }),
    )
  }

  #fieldNames(): string {
    return this.dtype.fields.map(({ name }) => name).join(', ')
  }
}

function fieldArray({ type }: StructField, shape: readonly number[], bytes: Uint8Array): NDArray | StructuredArray {
  return type instanceof StructType ? new StructuredArray(type, shape, bytes) : NDArray.fromBytes(bytes, type, shape)
}

import { sameElements } from './array-equality.ts'
import { convertElements } from './convert.ts'
import { DType, type DTypeData, type DTypeElement, type DTypeName, NATIVE_ORDER } from './dtype.ts'
import { type DTypeLike, dtype } from './dtype-parse.ts'
import { accessFor, type ElementAccess } from './element.ts'
import {
  createStore,
  type ElementStore,
  lanesOf,
  sameMemoryFormat,
  serializedBytes,
  storeOver,
} from './element-store.ts'
import { invalidArgument } from './errors.ts'
import { flatten, inferDType, type Nested } from './nested.ts'
import { arrayRepr, arrayStr } from './print/array-text.ts'
import { copyStrided, type Layout } from './strided-copy.ts'
import {
  checkShape,
  cOrderSteps,
  fitShape,
  fortranOrderSteps,
  isCOrder,
  resolveIndex,
  resolveRange,
  type SliceRange,
  sizeOf,
} from './strides.ts'
import { type DTypeOf, dtypeOf, type TypedArray } from './typed-array.ts'

/**
 * An n-dimensional array, as numpy knows it: a dtype, a shape and a window on memory. Slices, transposes and reshapes
 * are windows on the same memory. Elements in memory have the machine's byte order; a dtype such as `>i4` says how they
 * are serialized.
 */
export class NDArray<N extends DTypeName = DTypeName> {
  readonly dtype: DType<N>
  /** Lengths of the axes; empty for a single element. */
  readonly shape: readonly number[]
  readonly #store: ElementStore
  readonly #offset: number
  readonly #steps: readonly number[]
  readonly #access: ElementAccess

  private constructor(type: DType<N>, store: ElementStore, layout: Layout) {
    this.dtype = type
    this.shape = layout.shape
    this.#store = store
    this.#offset = layout.offset
    this.#steps = layout.steps
    this.#access = accessFor(type)
  }

  /**
   * An array over bytes that another program wrote: C order, or Fortran order where `order` says so. It shares their
   * memory where alignment and byte order allow, and holds a copy otherwise.
   *
   * @param shape lengths of the axes; their product is the number of elements in `bytes`
   * @throws INVALID_ARGUMENT when the dtype is unknown or the bytes do not fill the shape exactly
   */
  static fromBytes<N extends DTypeName>(
    bytes: Uint8Array,
    type: DTypeLike<N>,
    shape: readonly number[],
    options?: { readonly order?: 'C' | 'F' },
  ): NDArray<N>
  static fromBytes(
    bytes: Uint8Array,
    type: DType | string,
    shape: readonly number[],
    options?: { readonly order?: 'C' | 'F' },
  ): NDArray
  static fromBytes(
    bytes: Uint8Array,
    type: DType | string,
    shape: readonly number[],
    { order = 'C' }: { readonly order?: 'C' | 'F' } = {},
  ): NDArray {
    const elementType = dtype(type)
    checkShape(shape)
    const needed = sizeOf(shape) * elementType.itemSize
    if (bytes.byteLength !== needed) {
      const wanted = `shape [${shape.join(', ')}] of ${elementType.str} takes ${needed} bytes`
      throw invalidArgument(`${wanted}, but there are ${bytes.byteLength}`)
    }
    const steps = (order === 'F' ? fortranOrderSteps : cOrderSteps)(shape, lanesOf(elementType))
    return new NDArray(elementType, storeOver(bytes, elementType), { shape: [...shape], offset: 0, steps })
  }

  /**
   * An array over a typed array, whose memory it shares: `fromData(new Float32Array(6), [2, 3])`.
   *
   * @param type default: what the typed array holds; `'bool'`, `'float16'` or `'complex64'` where it holds their bits
   * @param shape default: one axis
   * @throws INVALID_ARGUMENT when the lengths differ
   */
  static fromData<T extends TypedArray>(data: T, shape?: readonly number[]): NDArray<DTypeOf<T>>
  static fromData<N extends DTypeName>(data: DTypeData[N], type: DTypeLike<N>, shape?: readonly number[]): NDArray<N>
  static fromData(
    data: TypedArray,
    typeOrShape?: DTypeLike | readonly number[],
    shapeOfType?: readonly number[],
  ): NDArray {
    const typed = typeof typeOrShape === 'string' || typeOrShape instanceof DType
    const native = dtype(typed ? typeOrShape : dtypeOf(data))
    const shape = (typed ? shapeOfType : typeOrShape) ?? [data.byteLength / native.itemSize]
    if (native.byteOrder !== NATIVE_ORDER) throw invalidArgument(`a typed array is in native byte order, not ${native}`)
    return NDArray.fromBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), native, shape)
  }

  /** An array of zeros (false, empty text). */
  static zeros<N extends DTypeName>(shape: readonly number[], type: DTypeLike<N>): NDArray<N> {
    checkShape(shape)
    const elementType = dtype(type)
    return NDArray.#inCOrder(elementType, createStore(elementType, sizeOf(shape)), shape)
  }

  /**
   * An array of the elements of nested arrays: `NDArray.from([[1, 2], [3, 4]], 'uint8')`.
   *
   * @param type default: float64 for numbers, bool for booleans, int64 for bigints, complex128 for complex numbers
   * @throws INVALID_ARGUMENT when rows differ in length, or an element does not suit the dtype
   */
  static from(nested: Nested<number>): NDArray<'float64'>
  static from<N extends DTypeName>(nested: Nested<DTypeElement[N] | number>, type: DTypeLike<N>): NDArray<N>
  static from(nested: Nested<unknown>, type?: DTypeLike): NDArray
  static from(nested: Nested<unknown>, type?: DTypeLike): NDArray {
    const { shape, elements } = flatten(nested)
    const array = NDArray.zeros(shape, type ?? inferDType(elements))
    const lanes = lanesOf(array.dtype)
    for (let i = 0; i < elements.length; i++) array.#access.write(array.#store, i * lanes, elements[i])
    return array
  }

  /**
   * Arrays of one dtype and shape as one array with a new first axis: a batch.
   *
   * @throws INVALID_ARGUMENT when there are none, or they differ in dtype or shape
   */
  static stack<N extends DTypeName>(arrays: readonly NDArray<N>[]): NDArray<N> {
    const [first] = arrays
    if (first === undefined) throw invalidArgument('there is nothing to stack')
    const stacked = NDArray.zeros([arrays.length, ...first.shape], first.dtype)
    for (const [i, array] of arrays.entries()) stacked.slice(i).assign(array)
    return stacked
  }

  static #inCOrder<N extends DTypeName>(type: DType<N>, store: ElementStore, shape: readonly number[]): NDArray<N> {
    return new NDArray(type, store, { shape: [...shape], offset: 0, steps: cOrderSteps(shape, lanesOf(type)) })
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** Bytes of all elements. */
  get byteLength(): number {
    return this.size * this.dtype.itemSize
  }

  /** Bytes from one element to the next along each axis, as numpy counts them. */
  get strides(): readonly number[] {
    return this.#steps.map((step) => step * this.#store.BYTES_PER_ELEMENT)
  }

  /** Whether the elements lie one behind the other in C order, as `data` needs them. */
  get isContiguous(): boolean {
    return isCOrder(this.shape, this.#steps, lanesOf(this.dtype))
  }

  /**
   * The elements in C order as a typed array on the same memory: writing to it writes the array. Complex numbers are
   * pairs (re, im), bool is 0 or 1, float16 its raw bits (`astype('float32')` for numbers).
   *
   * @throws INVALID_ARGUMENT when this is a view that is not contiguous: take `toContiguous().data`
   */
  get data(): DTypeData[N] {
    if (!this.isContiguous) throw invalidArgument('this view is not contiguous: take toContiguous().data')
    return this.#store.subarray(this.#offset, this.#offset + this.size * lanesOf(this.dtype)) as DTypeData[N]
  }

  /** Whether the elements are of this dtype, for TypeScript too. */
  is<M extends DTypeName>(name: M): this is NDArray<M> {
    return (this.dtype.name as DTypeName) === name
  }

  /**
   * One element. Negative indices count from the end of their axis.
   *
   * @throws INVALID_ARGUMENT when there is not one index an axis, or one is out of range
   */
  at(...index: readonly number[]): DTypeElement[N] {
    return this.#access.read(this.#store, this.#locate(index)) as DTypeElement[N]
  }

  /** Along the first axis: elements of an array with one axis, views of one with more. No axes: the one element. */
  *[Symbol.iterator](): Generator<DTypeElement[N] | NDArray<N>, void, undefined> {
    if (this.ndim === 0) yield this.at()
    for (let i = 0; i < (this.shape[0] ?? 0); i++) yield this.ndim === 1 ? this.at(i) : this.slice(i)
  }

  /** Views of the rows: of what lies along the first axis, with one axis less. */
  *rows(): Generator<NDArray<N>, void, undefined> {
    for (let i = 0; i < (this.shape[0] ?? 0); i++) yield this.slice(i)
  }

  /**
   * Writes one element. Numbers are converted as typed arrays do: integers wrap around.
   *
   * @throws INVALID_ARGUMENT when an index is out of range, or the value does not suit the dtype
   */
  set(index: readonly number[], value: DTypeElement[N]): void {
    this.#access.write(this.#store, this.#locate(index), value)
  }

  /**
   * Copies the elements of an array of the same dtype and shape into this one, also through a view:
   * `image.slice([0, 10]).assign(banner)` is numpy's `image[0:10] = banner`.
   *
   * @throws INVALID_ARGUMENT when dtype or shape differ
   */
  assign(source: NDArray<N>): this {
    if (!sameMemoryFormat(source.dtype, this.dtype)) {
      throw invalidArgument(`elements of ${source.dtype} cannot be assigned to ${this.dtype}: take astype()`)
    }
    if (source.ndim !== this.ndim || source.shape.some((length, axis) => length !== this.shape[axis])) {
      throw invalidArgument(`shape [${source.shape.join(', ')}] cannot be assigned to [${this.shape.join(', ')}]`)
    }
    const { buffer } = source.#store
    const from = buffer === this.#store.buffer ? source.copy() : source
    copyStrided(from.#store, from.#layout, this.#store, this.#layout, lanesOf(this.dtype))
    return this
  }

  get #layout(): Layout {
    return { shape: this.shape, offset: this.#offset, steps: this.#steps }
  }

  #locate(index: readonly number[]): number {
    if (index.length !== this.ndim) throw invalidArgument(`${index.length} indices for ${this.ndim} axes`)
    let at = this.#offset
    for (let axis = 0; axis < index.length; axis++) {
      at += this.#steps[axis]! * resolveIndex(index[axis]!, this.shape[axis]!, axis)
    }
    return at
  }

  /**
   * A window on part of the array: `image.slice([100, 200], null, 0)` is numpy's `image[100:200, :, 0]`. Axes without
   * a range are kept whole.
   *
   * @throws INVALID_ARGUMENT when an index is out of range or there are more ranges than axes
   */
  slice(...ranges: readonly SliceRange[]): NDArray<N> {
    if (ranges.length > this.ndim) throw invalidArgument(`${ranges.length} ranges for ${this.ndim} axes`)
    const shape: number[] = []
    const steps: number[] = []
    let offset = this.#offset
    for (const [axis, length] of this.shape.entries()) {
      const range = ranges[axis] ?? []
      const step = this.#steps[axis]!
      if (typeof range === 'number') {
        offset += resolveIndex(range, length, axis) * step
        continue
      }
      const { start, count, step: stride } = resolveRange(range, length)
      if (count > 0) offset += start * step
      shape.push(count)
      steps.push(step * stride)
    }
    return new NDArray(this.dtype, this.#store, { shape, offset, steps })
  }

  /** A window with the axes in another order; reversed when no order is given. */
  transpose(...axes: readonly number[]): NDArray<N> {
    const order = axes.length === 0 ? this.shape.map((_, axis) => this.ndim - 1 - axis) : axes
    if (
      order.length !== this.ndim ||
      order.some((axis) => !(axis in this.shape)) ||
      new Set(order).size !== this.ndim
    ) {
      throw invalidArgument(`transpose(${axes.join(', ')}) must name each of the ${this.ndim} axes once`)
    }
    const shape = order.map((axis) => this.shape[axis]!)
    return new NDArray(this.dtype, this.#store, {
      shape,
      offset: this.#offset,
      steps: order.map((axis) => this.#steps[axis]!),
    })
  }

  /**
   * The same elements in C order under another shape, of which one length may be -1: whatever is left. A window when
   * contiguous, else a copy.
   *
   * @throws INVALID_ARGUMENT when the number of elements would differ
   */
  reshape(...shape: readonly number[]): NDArray<N> {
    const fitted = shape.every(Number.isInteger) ? fitShape(shape, this.size) : undefined
    if (fitted === undefined) {
      throw invalidArgument(`shape [${this.shape.join(', ')}] cannot become [${shape.join(', ')}]`)
    }
    return NDArray.#inCOrder(this.dtype, this.toContiguous().data as ElementStore, fitted)
  }

  /** This array when it is contiguous, else a copy that is. */
  toContiguous(): NDArray<N> {
    return this.isContiguous ? this : this.copy()
  }

  /** A contiguous array with memory of its own. */
  copy(): NDArray<N> {
    if (this.isContiguous) return NDArray.#inCOrder(this.dtype, (this.data as ElementStore).slice(), this.shape)
    return NDArray.#inCOrder(this.dtype, createStore(this.dtype, this.size), this.shape).assign(this)
  }

  /**
   * A contiguous copy with real numbers of another dtype. Fractions are cut off towards integers, integers wrap around,
   * and anything but 0 is true.
   *
   * @throws INVALID_ARGUMENT from or to complex, text, bytes and times, and for NaN or infinity to a 64-bit integer
   */
  astype<M extends DTypeName>(type: DTypeLike<M>): NDArray<M> {
    const target = NDArray.zeros(this.shape, type)
    convertElements(this.toContiguous().data as ElementStore, this.dtype, target.#store, target.dtype)
    return target
  }

  /**
   * Whether the other array has this dtype (in whatever byte order), this shape and these elements.
   *
   * @param options.equalNaN whether NaN equals NaN, default false
   */
  equals(other: NDArray, { equalNaN = false }: { readonly equalNaN?: boolean } = {}): boolean {
    return sameElements(this, other, equalNaN)
  }

  /** The elements as nested arrays, one level an axis; a single element for an array of no axes. */
  toNested(): Nested<DTypeElement[N]> {
    const build = (axis: number, at: number): Nested<DTypeElement[N]> => {
      if (axis === this.ndim) return this.#access.read(this.#store, at) as DTypeElement[N]
      const step = this.#steps[axis]!
      return Array.from({ length: this.shape[axis]! }, (_, i) => build(axis + 1, at + i * step))
    }
    return build(0, this.#offset)
  }

  /**
   * The elements' bytes in C order and in the dtype's byte order. The same memory as the array where nothing has to be
   * moved, else a copy.
   */
  toBytes(): Uint8Array {
    return serializedBytes(this.toContiguous().data as ElementStore, this.dtype)
  }

  /** As numpy prints it: rows in brackets, columns aligned, the middle of more than 1000 elements left out. */
  toString(): string {
    return arrayStr(this)
  }

  /** What Node's `console.log` shows: numpy's `repr`, such as `array([0.5, 1. ], dtype=float32)`. */
  static {
    const inspect = function (this: NDArray): string {
      return arrayRepr(this)
    }
    Object.defineProperty(NDArray.prototype, Symbol.for('nodejs.util.inspect.custom'), { value: inspect })
  }
}

import type { ElementStore } from './element-store.ts'

/** Where the elements of an array lie in a store: all in store units. */
export interface Layout {
  readonly shape: readonly number[]
  readonly offset: number
  readonly steps: readonly number[]
}

/**
 * Copies the elements of one strided layout to the places of another with the same shape, of the same dtype. The two
 * must not overlap. `lanes` is the store units an element takes.
 */
export function copyStrided(
  source: ElementStore,
  from: Layout,
  target: ElementStore,
  to: Omit<Layout, 'shape'>,
  lanes: number,
): void {
  // Bits need no more than three kinds of memory: an int64 is two int32.
  const words = source.BYTES_PER_ELEMENT === 8 ? 2 : 1
  const axes = from.shape
    .map((length, axis) => ({ length, from: from.steps[axis]! * words, to: to.steps[axis]! * words }))
    .filter(({ length }) => length !== 1)
  if (lanes * words > 1) axes.push({ length: lanes * words, from: 1, to: 1 })
  if (axes.some(({ length }) => length === 0)) return
  mergeAxes(axes)
  while (axes.length < 2) axes.unshift({ length: 1, from: 0, to: 0 })
  copyAxes(bitsOf(source), from.offset * words, bitsOf(target), to.offset * words, axes, 0)
}

interface Axis {
  length: number
  from: number
  to: number
}

type Bits = Uint8Array | Uint16Array | Int32Array

function bitsOf(store: ElementStore): Bits {
  const { buffer, byteOffset, byteLength } = store
  if (store.BYTES_PER_ELEMENT === 1) return new Uint8Array(buffer, byteOffset, byteLength)
  if (store.BYTES_PER_ELEMENT === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2)
  return new Int32Array(buffer, byteOffset, byteLength / 4)
}

/** Two axes that lie one behind the other in both layouts are one longer axis. */
function mergeAxes(axes: Axis[]): void {
  for (let axis = axes.length - 2; axis >= 0; axis--) {
    const outer = axes[axis]!
    const inner = axes[axis + 1]!
    if (outer.from !== inner.from * inner.length || outer.to !== inner.to * inner.length) continue
    axes.splice(axis, 2, { ...inner, length: outer.length * inner.length })
  }
}

function copyAxes(source: Bits, from: number, target: Bits, to: number, axes: readonly Axis[], axis: number): void {
  const outer = axes[axis]!
  if (axis < axes.length - 2) {
    for (let i = 0; i < outer.length; i++) {
      copyAxes(source, from + i * outer.from, target, to + i * outer.to, axes, axis + 1)
    }
    return
  }
  const inner = axes[axis + 1]!
  if (inner.from === 1 && inner.to === 1 && inner.length >= WORTH_A_CALL) {
    for (let i = 0; i < outer.length; i++) {
      const start = from + i * outer.from
      target.set(source.subarray(start, start + inner.length), to + i * outer.to)
    }
    return
  }
  // A loop of three channels inside one of pixels takes longer than the other way round.
  const [long, short] = inner.length < SHORT_LOOP && outer.length > inner.length ? [outer, inner] : [inner, outer]
  for (let i = 0; i < short.length; i++) {
    copyLine(source, from + i * short.from, target, to + i * short.to, long)
  }
}

/** From this many units on, `TypedArray.set` beats a loop. */
const WORTH_A_CALL = 64
const SHORT_LOOP = 16

function copyLine(source: Bits, from: number, target: Bits, to: number, axis: Axis): void {
  if (source instanceof Uint8Array) copyBytes(source, from, target as Uint8Array, to, axis)
  else if (source instanceof Uint16Array) copyHalves(source, from, target as Uint16Array, to, axis)
  else copyWords(source, from, target as Int32Array, to, axis)
}

// The same loop three times, because a loop that sees one kind of memory only takes half the time.

function copyBytes(source: Uint8Array, from: number, target: Uint8Array, to: number, axis: Axis): void {
  const { length, from: readStep, to: writeStep } = axis
  for (let i = 0, read = from, write = to; i < length; i++, read += readStep, write += writeStep) {
    target[write] = source[read]!
  }
}

function copyHalves(source: Uint16Array, from: number, target: Uint16Array, to: number, axis: Axis): void {
  const { length, from: readStep, to: writeStep } = axis
  for (let i = 0, read = from, write = to; i < length; i++, read += readStep, write += writeStep) {
    target[write] = source[read]!
  }
}

function copyWords(source: Int32Array, from: number, target: Int32Array, to: number, axis: Axis): void {
  const { length, from: readStep, to: writeStep } = axis
  for (let i = 0, read = from, write = to; i < length; i++, read += readStep, write += writeStep) {
    target[write] = source[read]!
  }
}

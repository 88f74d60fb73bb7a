import { inspect } from 'node:util'
import { NDArray } from 'robotmq'

const INDENT = '  '
const SHOWN_ELEMENTS = 6

/** A deserialized value for people, indented. Long things are cut short, and control characters are escaped. */
export function valueText(value: unknown, columns: number): string {
  const text = inspect(withArraysShown(value, new Map()), {
    depth: 5,
    maxArrayLength: 10,
    maxStringLength: 200,
    breakLength: Math.max(40, columns - INDENT.length),
    compact: 3,
  })
  return text.replace(/^/gm, INDENT)
}

/** Stands in for an array: `inspect` prints it as `float32 [480, 640, 3] 0, 0.5, 1, …`. */
class ShownArray {
  readonly #text: string

  constructor(array: NDArray) {
    this.#text = arrayText(array)
  }

  [inspect.custom](): string {
    return this.#text
  }
}

function arrayText(array: NDArray): string {
  const head = `${array.dtype.name} [${array.shape.join(', ')}]`
  const shown = firstIndices(array.shape, Math.min(array.size, SHOWN_ELEMENTS)).map((index) =>
    elementText(array.at(...index)),
  )
  return shown.length === 0 ? head : `${head} ${shown.join(', ')}${array.size > SHOWN_ELEMENTS ? ', …' : ''}`
}

function elementText(element: unknown): string {
  return typeof element === 'object' && element !== null && !ArrayBuffer.isView(element)
    ? String(element)
    : inspect(element)
}

/** The indices of an array's first elements in C order. */
function firstIndices(shape: readonly number[], count: number): number[][] {
  return Array.from({ length: count }, (_, position) => {
    const index: number[] = []
    let rest = position
    for (const length of shape.toReversed()) {
      index.unshift(rest % length)
      rest = Math.floor(rest / length)
    }
    return index
  })
}

/** @param seen what was replaced already, so that what is shared stays shared */
function withArraysShown(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (seen.has(value)) return seen.get(value)
  const show = (part: unknown) => withArraysShown(part, seen)
  let shown: unknown = value
  if (value instanceof NDArray) shown = new ShownArray(value)
  else if (Array.isArray(value)) shown = value.map(show)
  else if (value instanceof Map) shown = new Map([...value].map(([key, entry]) => [show(key), show(entry)]))
  else if (value instanceof Set) shown = new Set([...value].map(show))
  else if (isPlain(value)) shown = Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, show(entry)]))
  seen.set(value, shown)
  return shown
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

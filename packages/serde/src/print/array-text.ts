import type { DType } from '../dtype.ts'
import type { NDArray } from '../nd-array.ts'
import { elementFormat, elementText } from './element-format.ts'
import type { Format } from './float-format.ts'

/** numpy's settings. */
const LINE_WIDTH = 75
const MOST_ELEMENTS = 1000
const EDGE = 3

/** As Python's `str` of the array, numpy 2.4. */
export function arrayStr(array: NDArray): string {
  return array.ndim === 0 ? elementText(array.dtype, array.at()) : arrayText(array, ' ', '')
}

/** As Python's `repr` of the array, numpy 2.4: with the dtype where the elements do not tell it. */
export function arrayRepr(array: NDArray): string {
  const { size, shape, dtype } = array
  const text = `array(${arrayText(array, ', ', 'array(')}`
  const extras: string[] = []
  if ((size === 0 && !(shape.length === 1)) || size > MOST_ELEMENTS) {
    extras.push(`shape=(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`)
  }
  if (size === 0 || !isImplied(dtype)) extras.push(`dtype=${dtypeText(dtype)}`)
  if (extras.length === 0) return `${text})`
  const last = lengthOf(text.slice(text.lastIndexOf('\n') + 1)) + ','.length
  const extra = `${extras.join(', ')})`
  const separator = last + extra.length + 1 > LINE_WIDTH ? `\n${' '.repeat('array('.length)}` : ' '
  return `${text},${separator}${extra}`
}

/** The dtypes that numpy infers from elements. */
function isImplied({ name, str }: DType): boolean {
  return ['bool', 'int64', 'float64', 'complex128'].includes(name) && !isForeign(str)
}

function isForeign(str: string): boolean {
  return str.startsWith('>')
}

function dtypeText({ name, str, unit }: DType): string {
  if (isForeign(str) || name === 'str' || name === 'bytes' || name === 'void') return `'${str}'`
  if (name === 'datetime64' || name === 'timedelta64') return unit === '' ? name : `'${name}[${unit}]'`
  return name === 'longdouble' ? 'float128' : name === 'clongdouble' ? 'complex256' : name
}

function arrayText(array: NDArray, separator: string, prefix: string): string {
  if (array.size === 0) return '[]'
  const summarized = array.size > MOST_ELEMENTS
  const format = elementFormat(array.dtype, shownElements(array, summarized), array.ndim === 0) as Format<unknown>
  const text = (part: NDArray, indent: string, width: number): string => {
    if (part.ndim === 0) return format(part.at())
    const inner = part.ndim === 1 ? '' : `${indent} `
    const parts = shownIndices(part, summarized).map((i) =>
      i === undefined ? '...' : part.ndim === 1 ? format(part.at(i)) : text(part.slice(i), inner, width - 1),
    )
    const lines =
      part.ndim === 1
        ? wrap(parts, separator, indent, width)
        : parts.join(`${separator.trimEnd()}${'\n'.repeat(part.ndim - 1)}${indent}`)
    return `[${lines}]`
  }
  return text(array, ' '.repeat(prefix.length + 1), LINE_WIDTH - (prefix === '' ? 0 : 1))
}

/** The indices along the first axis, with undefined in the place of those left out. */
function shownIndices({ shape }: NDArray, summarized: boolean): (number | undefined)[] {
  const length = shape[0]!
  if (!summarized || length <= 2 * EDGE) return [...Array(length).keys()]
  return [0, 1, 2, undefined, length - 3, length - 2, length - 1]
}

function shownElements(array: NDArray, summarized: boolean): unknown[] {
  if (array.ndim === 0) return [array.at()]
  return shownIndices(array, summarized).flatMap((i) =>
    i === undefined ? [] : array.ndim === 1 ? [array.at(i)] : shownElements(array.slice(i), summarized),
  )
}

/** One row, in lines that leave room for what follows a word: a bracket or a comma. */
function wrap(words: readonly string[], separator: string, indent: string, width: number): string {
  const room = width - 1
  let text = ''
  let line = indent
  for (const [i, word] of words.entries()) {
    if (lengthOf(line) + lengthOf(word) > room && line.length > indent.length) {
      text += `${line.trimEnd()}\n`
      line = indent
    }
    line += word + (i < words.length - 1 ? separator : '')
  }
  return (text + line).slice(indent.length)
}

/** Characters, as Python counts them. */
function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

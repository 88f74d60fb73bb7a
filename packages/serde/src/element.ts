import { Complex } from './complex.ts'
import type { DType, DTypeElement } from './dtype.ts'
import type { ElementStore } from './element-store.ts'
import { invalidArgument, malformed } from './errors.ts'
import { float16ToNumber, numberToFloat16 } from './float16.ts'

/** One element of an array, of whatever dtype. */
export type Element = DTypeElement[keyof DTypeElement]

/** How elements of one dtype are read from a store and written to it; `at` is the element's first store unit. */
export interface ElementAccess {
  read(store: ElementStore, at: number): Element
  write(store: ElementStore, at: number, value: unknown): void
}

export function accessFor(type: DType): ElementAccess {
  switch (type.kind) {
    case 'b':
      return BOOL
    case 'c':
      return type.name === 'clongdouble' ? rawAccess(type) : COMPLEX
    case 'f':
      if (type.name === 'float16') return FLOAT16
      return type.name === 'longdouble' ? rawAccess(type) : NUMBER
    case 'i':
    case 'u':
      return type.itemSize === 8 ? BIGINT : NUMBER
    case 'M':
    case 'm':
      return BIGINT
    case 'U':
      return textAccess(type)
    default:
      return rawAccess(type)
  }
}

const NUMBER: ElementAccess = {
  read: (store, at) => store[at]!,
  write: (store, at, value) => {
    store[at] = asNumber(value)
  },
}

const BIGINT: ElementAccess = {
  read: (store, at) => store[at]!,
  write: (store, at, value) => {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
      throw invalidArgument(`a 64-bit integer element is a bigint or a safe integer, not ${describe(value)}`)
    }
    store[at] = BigInt(value as bigint | number)
  },
}

const BOOL: ElementAccess = {
  read: (store, at) => store[at] !== 0,
  write: (store, at, value) => {
    if (typeof value !== 'boolean') throw invalidArgument(`a bool element is true or false, not ${describe(value)}`)
    store[at] = value ? 1 : 0
  },
}

const FLOAT16: ElementAccess = {
  read: (store, at) => float16ToNumber(store[at] as number),
  write: (store, at, value) => {
    store[at] = numberToFloat16(asNumber(value))
  },
}

const COMPLEX: ElementAccess = {
  read: (store, at) => new Complex(store[at] as number, store[at + 1] as number),
  write: (store, at, value) => {
    const { re, im } = value instanceof Complex ? value : new Complex(asNumber(value), 0)
    store[at] = re
    store[at + 1] = im
  },
}

/** `S`: text of bytes, padded with zeros that are not part of it. `V` and long doubles: their bytes as they are. */
function rawAccess(type: DType): ElementAccess {
  return {
    read: (store, at) => {
      const item = (store as Uint8Array).slice(at, at + type.itemSize)
      return type.kind === 'S' ? item.subarray(0, item.findLastIndex((byte) => byte !== 0) + 1) : item
    },
    write: (store, at, value) => {
      if (!(value instanceof Uint8Array) || value.length > type.itemSize) {
        throw invalidArgument(`a ${type.str} element is a Uint8Array of at most ${type.itemSize} bytes`)
      }
      ;(store as Uint8Array).fill(0, at, at + type.itemSize)
      ;(store as Uint8Array).set(value, at)
    },
  }
}

/** `U`: UTF-32, padded with zeros that are not part of it. */
function textAccess(type: DType): ElementAccess {
  const littleEndian = type.byteOrder === '<'
  const viewOf = (store: ElementStore, at: number) => new DataView(store.buffer, store.byteOffset + at, type.itemSize)
  return {
    read: (store, at) => {
      const view = viewOf(store, at)
      let end = type.itemSize
      while (end > 0 && view.getUint32(end - 4, littleEndian) === 0) end -= 4
      let text = ''
      for (let offset = 0; offset < end; offset += 4) text += codePointText(view.getUint32(offset, littleEndian))
      return text
    },
    write: (store, at, value) => {
      const codePoints = typeof value === 'string' ? Array.from(value, (char) => char.codePointAt(0)!) : undefined
      if (codePoints === undefined || codePoints.length * 4 > type.itemSize) {
        throw invalidArgument(`a ${type.str} element is a string of at most ${type.itemSize / 4} characters`)
      }
      const view = viewOf(store, at)
      for (let i = 0; i < type.itemSize / 4; i++) view.setUint32(i * 4, codePoints[i] ?? 0, littleEndian)
    },
  }
}

function codePointText(codePoint: number): string {
  if (codePoint > 0x10ffff) throw malformed(`a str element holds ${codePoint}, which is no character`)
  return String.fromCodePoint(codePoint)
}

function asNumber(value: unknown): number {
  if (typeof value !== 'number') throw invalidArgument(`an element is a number here, not ${describe(value)}`)
  return value
}

function describe(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value) : `${typeof value} ${String(value)}`
}

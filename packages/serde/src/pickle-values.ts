import type { Budget } from './budget.ts'
import type { DType } from './dtype.ts'

// What a pickle holds, before it is known what it means. Lists are arrays; strings, bytes, booleans, null and whole
// numbers are themselves; fractions too, but a float that could be mistaken for an integer is a `PyFloat`.

export class PyFloat {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

export class PyTuple {
  readonly items: readonly unknown[]
  constructor(items: readonly unknown[]) {
    this.items = items
  }
}

export class PyDict {
  /** Keys and values in turn. */
  readonly entries: unknown[] = []
}

export class PySet {
  readonly items: unknown[]
  constructor(items: unknown[]) {
    this.items = items
  }
}

export class PyByteArray {
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

export class PyRange {
  readonly start: number
  readonly step: number
  readonly length: number
  constructor(start: number, stop: number, step: number) {
    this.start = start
    this.step = step
    this.length = Math.max(0, Math.ceil((stop - start) / step))
  }
}

/** A numpy dtype; its byte order and unit come after it was made. */
export class PyDType {
  type: DType
  constructor(type: DType) {
    this.type = type
  }
}

/** A class or function of Python that is known to be harmless. It is never called: its meaning is. */
export class PyGlobal {
  readonly name: string
  readonly meaning: PyMeaning
  constructor(name: string, meaning: PyMeaning) {
    this.name = name
    this.meaning = meaning
  }
}

/** What a call with these arguments would give. What it copies is paid from the budget. */
export type PyMeaning = (args: readonly unknown[], budget: Budget) => unknown

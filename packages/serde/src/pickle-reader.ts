import type { Budget } from './budget.ts'
import { malformed, unsafe } from './errors.ts'
import { PayloadCursor } from './payload-cursor.ts'
import { findGlobal, setDTypeState } from './pickle-globals.ts'
import { OP, UNSAFE_OPCODES, UNUSED_OPCODES } from './pickle-opcodes.ts'
import { PyByteArray, PyDict, PyFloat, PyGlobal, PySet, PyTuple } from './pickle-values.ts'

const LOWEST_PROTOCOL = 2
const HIGHEST_PROTOCOL = 5
/** Open marks at once, as in Python's reader. */
const MAX_MARKS = 128

/**
 * Reads a pickle of protocol 2 to 5 into plain nodes (`pickle-values.ts`). Bytes are windows on the payload. Runs
 * nothing: the few globals it knows are looked up in a table of meanings.
 */
export class PickleReader {
  readonly #cursor: PayloadCursor
  readonly #budget: Budget
  readonly #maxValues: number
  /** Where the values above each open mark begin. */
  readonly #marks: number[] = []
  readonly #stack: unknown[] = []
  readonly #memo = new Map<number, unknown>()

  constructor(bytes: Uint8Array, budget: Budget, maxValues: number) {
    this.#cursor = new PayloadCursor(bytes)
    this.#budget = budget
    this.#maxValues = maxValues
  }

  /**
   * @throws MALFORMED_MESSAGE when the bytes are not exactly one whole pickle of these protocols
   * @throws UNSAFE_PAYLOAD when reading it would need Python to run something
   */
  read(): unknown {
    this.#protocol()
    for (let opcodes = 0; ; opcodes++) {
      const opcode = this.#cursor.opcode()
      if (opcode === OP.STOP) return this.#result()
      this.#execute(opcode)
      if (opcodes > 2 * this.#maxValues) throw malformed(`the payload holds more than ${this.#maxValues} values`)
    }
  }

  #protocol(): void {
    if (this.#cursor.byte() !== OP.PROTO)
      throw malformed('the payload is not a pickle: it does not begin with byte 0x80')
    const protocol = this.#cursor.byte()
    if (protocol < LOWEST_PROTOCOL || protocol > HIGHEST_PROTOCOL) {
      throw malformed(`pickle protocol ${protocol} is not supported: ${LOWEST_PROTOCOL} to ${HIGHEST_PROTOCOL} are`)
    }
  }

  #result(): unknown {
    if (this.#stack.length !== 1 || this.#marks.length > 0) throw malformed('the pickle stops with no single value')
    const { left } = this.#cursor
    if (left > 0) throw malformed(`${left} bytes follow the end of the pickle`)
    return this.#stack[0]
  }

  #execute(opcode: number): void {
    const stack = this.#stack
    const cursor = this.#cursor
    switch (opcode) {
      case OP.MARK:
        if (this.#marks.push(stack.length) > MAX_MARKS) throw malformed(`more than ${MAX_MARKS} open marks`)
        return
      case OP.FRAME:
        cursor.startFrame(cursor.length(8))
        return
      case OP.MEMOIZE:
        this.#remember(this.#memo.size)
        return
      case OP.BINPUT:
        this.#remember(cursor.byte())
        return
      case OP.LONG_BINPUT:
        this.#remember(cursor.uint32())
        return
      case OP.BINGET:
        stack.push(this.#recall(cursor.byte()))
        return
      case OP.LONG_BINGET:
        stack.push(this.#recall(cursor.uint32()))
        return
      case OP.NONE:
        stack.push(null)
        return
      case OP.NEWTRUE:
        stack.push(true)
        return
      case OP.NEWFALSE:
        stack.push(false)
        return
      case OP.BININT1:
        stack.push(cursor.byte())
        return
      case OP.BININT2:
        stack.push(cursor.uint16())
        return
      case OP.BININT:
        stack.push(cursor.int32())
        return
      case OP.LONG1:
        stack.push(cursor.integer(cursor.length(1)))
        return
      case OP.LONG4:
        stack.push(cursor.integer(cursor.length(4)))
        return
      case OP.BINFLOAT: {
        const value = cursor.float64()
        stack.push(Number.isInteger(value) ? new PyFloat(value) : value)
        return
      }
      case OP.SHORT_BINUNICODE:
        stack.push(cursor.text(cursor.length(1)))
        return
      case OP.BINUNICODE:
        stack.push(cursor.text(cursor.length(4)))
        return
      case OP.BINUNICODE8:
        stack.push(cursor.text(cursor.length(8)))
        return
      case OP.SHORT_BINBYTES:
        stack.push(cursor.bytes(cursor.length(1)))
        return
      case OP.BINBYTES:
        stack.push(cursor.bytes(cursor.length(4)))
        return
      case OP.BINBYTES8:
        stack.push(cursor.bytes(cursor.length(8)))
        return
      case OP.BYTEARRAY8:
        stack.push(new PyByteArray(cursor.bytes(cursor.length(8))))
        return
      case OP.EMPTY_LIST:
        stack.push([])
        return
      case OP.APPEND:
        this.#append(this.#pop(1))
        return
      case OP.APPENDS:
        this.#append(this.#popToMark())
        return
      case OP.EMPTY_DICT:
        stack.push(new PyDict())
        return
      case OP.SETITEM:
        this.#setItems(this.#pop(2))
        return
      case OP.SETITEMS:
        this.#setItems(this.#popToMark())
        return
      case OP.EMPTY_TUPLE:
        stack.push(new PyTuple([]))
        return
      case OP.TUPLE1:
        stack.push(new PyTuple(this.#pop(1)))
        return
      case OP.TUPLE2:
        stack.push(new PyTuple(this.#pop(2)))
        return
      case OP.TUPLE3:
        stack.push(new PyTuple(this.#pop(3)))
        return
      case OP.TUPLE:
        stack.push(new PyTuple(this.#popToMark()))
        return
      case OP.EMPTY_SET:
        stack.push(new PySet([]))
        return
      case OP.ADDITEMS:
        this.#addItems(this.#popToMark())
        return
      case OP.FROZENSET:
        stack.push(new PySet(this.#popToMark()))
        return
      case OP.GLOBAL:
        stack.push(findGlobal(cursor.line(), cursor.line()))
        return
      case OP.STACK_GLOBAL: {
        const [module, attribute] = this.#pop(2)
        stack.push(findGlobal(module, attribute))
        return
      }
      case OP.REDUCE: {
        const [callable, args] = this.#pop(2)
        if (!(callable instanceof PyGlobal && args instanceof PyTuple))
          throw unsafe('the payload calls (REDUCE) a value')
        stack.push(callable.meaning(args.items, this.#budget))
        return
      }
      case OP.BUILD: {
        const [state] = this.#pop(1)
        setDTypeState(this.#top(), state)
        return
      }
      default:
        throw refusedOpcode(opcode)
    }
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top()
    if (!Array.isArray(list)) throw malformed('APPENDS without a list')
    for (const item of items) list.push(item)
  }

  #setItems(items: readonly unknown[]): void {
    const dict = this.#top()
    if (!(dict instanceof PyDict)) throw malformed('SETITEMS without a dictionary')
    if (items.length % 2 !== 0) throw malformed('SETITEMS with a key that has no value')
    for (const item of items) dict.entries.push(item)
  }

  #addItems(items: readonly unknown[]): void {
    const set = this.#top()
    if (!(set instanceof PySet)) throw malformed('ADDITEMS without a set')
    for (const item of items) set.items.push(item)
  }

  #top(): unknown {
    this.#need(1)
    return this.#stack.at(-1)
  }

  #pop(count: number): unknown[] {
    this.#need(count)
    const values = new Array<unknown>(count)
    for (let i = count - 1; i >= 0; i--) values[i] = this.#stack.pop()
    return values
  }

  /** The values above the innermost open mark are all that an opcode may take. */
  #need(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) throw malformed('an opcode finds too few values')
  }

  #popToMark(): unknown[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw malformed('an opcode finds no mark')
    return this.#stack.splice(mark)
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top())
  }

  #recall(index: number): unknown {
    if (!this.#memo.has(index)) throw malformed(`memo ${index} is read before it is written`)
    return this.#memo.get(index)
  }
}

function refusedOpcode(opcode: number): Error {
  const unsafeName = UNSAFE_OPCODES.get(opcode)
  if (unsafeName !== undefined) return unsafe(`the payload holds the pickle opcode ${unsafeName}, which could run code`)
  const name = UNUSED_OPCODES.get(opcode) ?? `0x${opcode.toString(16).padStart(2, '0')}`
  return malformed(`the payload holds ${name}, which is no opcode of a robotmq payload`)
}

import { malformed } from './errors.ts'

/**
 * What reading one payload may cost. A pickle can name an earlier value again in two bytes, so a few hundred bytes can
 * stand for more values than memory holds. Values are counted as if every repeat were written out, and may not exceed
 * what a payload of this size could hold without repeats.
 */
export class Budget {
  #entries: number
  #bytes: number
  readonly #maxDepth: number

  constructor(payloadBytes: number, maxDepth: number) {
    this.#entries = payloadBytes + SLACK
    this.#bytes = payloadBytes + SLACK
    this.#maxDepth = maxDepth
  }

  /** Pays for the slots of a container. */
  chargeEntries(count: number): void {
    this.#entries -= count
    if (this.#entries < 0)
      throw malformed('the payload expands far beyond its size through shared or cyclic references')
  }

  /** Pays for bytes that are copied or looked at as an array. */
  chargeBytes(count: number): void {
    this.#bytes -= count
    if (this.#bytes < 0)
      throw malformed('the arrays and bytes of the payload exceed its size through shared references')
  }

  checkDepth(depth: number): void {
    if (depth > this.#maxDepth) throw malformed(`the payload is nested deeper than ${this.#maxDepth} levels`)
  }
}

/** Small payloads may expand this much beyond their size: a `range` is a few bytes for many values. */
const SLACK = 65_536

import type { Buffer } from 'node:buffer'
import { RmqError, steadyClockUs } from '@rmq/core'
import { decodeHead } from '../wire/head.ts'
import { decodePong } from '../wire/ping-codec.ts'
import type { ServerClock } from './server-clock.ts'

/** After a connection is made the clock is asked for a few times in a row, then now and then. */
const FIRST_MS = 50
const FIRST_COUNT = 5
const LATER_MS = 5000
/** Who waits longer for a pong than for so many pings learns nothing from it. */
const MOST_UNDER_WAY = 20

/** Asks the server for its clock. */
export class Pings {
  readonly #clock: ServerClock
  readonly #send: () => number | undefined
  readonly #sent = new Map<number, number>()
  #timer: NodeJS.Timeout | undefined

  /** @param send sends a ping. @returns its number; undefined where there is no connection now */
  constructor(clock: ServerClock, send: () => number | undefined) {
    this.#clock = clock
    this.#send = send
  }

  /** There is a connection. */
  start(): void {
    this.stop()
    const ping = (nth: number) => {
      for (const number of this.#sent.keys()) {
        if (this.#sent.size < MOST_UNDER_WAY) break
        this.#sent.delete(number)
      }
      const sentUs = steadyClockUs()
      const number = this.#send()
      if (number !== undefined) this.#sent.set(number, sentUs)
      this.#timer = setTimeout(() => ping(nth + 1), nth < FIRST_COUNT ? FIRST_MS : LATER_MS).unref()
    }
    ping(1)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#sent.clear()
  }

  onPong(number: number, frames: readonly Buffer[], receivedUs: number): void {
    const sentUs = this.#sent.get(number)
    if (sentUs === undefined) return
    this.#sent.delete(number)
    try {
      this.#clock.sample({ sentUs, receivedUs, ...decodePong(decodeHead(frames[0]!)) })
    } catch (thrown) {
      // A server that does not know how to tell its time: the times in its replies remain.
      if (!RmqError.isInstance(thrown)) throw thrown
    }
  }
}

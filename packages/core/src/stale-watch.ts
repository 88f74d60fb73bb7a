import { steadyNowS } from './clock-estimate.ts'
import type { Lease } from './lease.ts'
import type { Message } from './message.ts'
import { backgroundTimer, sleep } from './timer.ts'

/** That a topic fell silent, or came back. */
export interface StaleEvent {
  readonly topic: string
  /** It has no record younger than the time given; false: it has one again. */
  readonly stale: boolean
  /** Seconds since the newest record that is known; when it came back: how long it was silent. */
  readonly silentS: number
}

export interface StaleWatchOptions {
  readonly topic: string
  readonly afterS: number
  /** The newest records of the topic, wherever it is, as they come. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<Message>
  readonly callback: (event: StaleEvent) => void
}

/** Looks within the time that makes a topic stale. */
export const LOOKS = 4
/** After so long a topic that was not there is looked for again. */
const AGAIN_S = { least: 0.05, most: 0.5 } as const

/**
 * Watches whether a topic gets records. What makes it stale is a timer of this side alone, which only a record that has
 * come, and is young enough, puts off: whatever is gone, server, cable or producer, it fires.
 */
export class StaleWatch {
  readonly #options: StaleWatchOptions
  readonly #ended = new AbortController()
  /** When the newest record that is known was put, on this host's steady clock; at first, when the watch began. */
  #seenS = steadyNowS()
  #stale = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: StaleWatchOptions) {
    this.#options = options
    this.#arm()
    void this.#run()
  }

  /** Nothing is told any more. May be called again. */
  close(): void {
    clearTimeout(this.#timer)
    this.#ended.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    const againS = Math.min(Math.max(this.#options.afterS, AGAIN_S.least), AGAIN_S.most)
    while (!signal.aborted) {
      try {
        for await (const message of this.#options.follow(signal)) {
          this.#saw(message.ageS())
          ;(message as Partial<Lease>).release?.()
          // However fast the topic is, only so many of its records are asked for.
          await sleep(this.#options.afterS / LOOKS, signal)
        }
      } catch {
        // No such topic, or none that can be read, or it was closed: that is silence, too.
      }
      await sleep(againS, signal).catch(() => {})
    }
  }

  #saw(ageS: number): void {
    // Its server has gone, and with it the clock that would tell.
    if (Number.isNaN(ageS)) return
    const nowS = steadyNowS()
    const wasSeenS = this.#seenS
    // The two clocks are not known exactly: no record comes from the future.
    this.#seenS = Math.max(wasSeenS, nowS - Math.max(ageS, 0))
    if (!this.#stale || nowS - this.#seenS > this.#options.afterS) return
    this.#stale = false
    this.#arm()
    this.#tell(this.#seenS - wasSeenS)
  }

  #arm(): void {
    const leftS = this.#seenS + this.#options.afterS - steadyNowS()
    this.#timer = backgroundTimer(() => this.#check(), Math.max(leftS, 0))
  }

  #check(): void {
    const silentS = steadyNowS() - this.#seenS
    // Put off meanwhile, or a timer that fires a little early.
    if (silentS < this.#options.afterS) {
      this.#arm()
      return
    }
    this.#stale = true
    this.#tell(silentS)
  }

  #tell(silentS: number): void {
    const { topic, callback } = this.#options
    try {
      callback({ topic, stale: this.#stale, silentS })
    } catch (thrown) {
      // An error of the program's own, which must not end the watch.
      queueMicrotask(() => {
        throw thrown
      })
    }
  }
}

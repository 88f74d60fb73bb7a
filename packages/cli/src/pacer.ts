import { setTimeout as delay } from 'node:timers/promises'

/** Work that fell behind by more than this is not made up for. */
const MAX_BACKLOG_MS = 1000

/** Keeps a rate on average, although timers are late. */
export class Pacer {
  readonly #periodMs: number
  readonly #signal: AbortSignal
  #due: number | undefined

  /** @param hz times a second; Infinity is as fast as possible */
  constructor(hz: number, signal: AbortSignal) {
    this.#periodMs = 1000 / hz
    this.#signal = signal
  }

  /** Resolves when it is time for the next; at once for the first. */
  async next(): Promise<void> {
    this.#signal.throwIfAborted()
    const now = performance.now()
    this.#due = this.#due === undefined ? now : Math.max(this.#due + this.#periodMs, now - MAX_BACKLOG_MS)
    while (performance.now() < this.#due) {
      await delay(this.#due - performance.now(), undefined, { signal: this.#signal })
    }
  }
}

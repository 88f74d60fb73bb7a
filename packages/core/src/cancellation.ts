import type { CancelSignal } from './transport.ts'

/**
 * An abort controller and its signal in one, for every single call: an `AbortController` with its events costs more than
 * all else that a call does on its way out.
 */
export class Cancellation implements CancelSignal {
  #listeners: (() => void)[] = []
  #reason: unknown
  #aborted = false

  get aborted(): boolean {
    return this.#aborted
  }

  get reason(): unknown {
    return this.#reason
  }

  /** Calls the listeners, once. */
  cancel(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    for (const listener of this.#listeners.splice(0)) listener()
  }

  addEventListener(_type: string, listener: unknown): void {
    this.#listeners.push(listener as () => void)
  }

  removeEventListener(_type: string, listener: unknown): void {
    const index = this.#listeners.indexOf(listener as () => void)
    if (index !== -1) this.#listeners.splice(index, 1)
  }
}

import type { CancelSignal } from '@rmq/core'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Those who wait for one thing to come true, in order. */
export class Waiters {
  readonly #waiters = new Set<Waiter>()

  wait(signal?: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const settle = (finish: () => void) => {
        this.#waiters.delete(waiter)
        signal?.removeEventListener('abort', onAbort)
        finish()
      }
      const waiter: Waiter = { resolve: () => settle(resolve), reject: (reason) => settle(() => reject(reason)) }
      const onAbort = () => waiter.reject(signal?.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(waiter)
    })
  }

  resolveAll(): void {
    for (const waiter of [...this.#waiters]) waiter.resolve()
  }

  rejectAll(reason: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(reason)
  }
}

import { isOverdue, type OpenRequest } from './request.ts'
import { timerMs } from './timer.ts'

interface Waiter {
  readonly resolve: (request: OpenRequest | undefined) => void
  readonly timer: ReturnType<typeof setTimeout> | undefined
}

/** Requests without a handler, and callers that wait for one; first come, first served on both sides. */
export class RequestQueue {
  readonly #requests = new Map<number, OpenRequest>()
  readonly #waiters = new Set<Waiter>()

  push(request: OpenRequest): void {
    if (isOverdue(request)) return
    const waiter = this.#waiters.values().next().value
    if (waiter === undefined) this.#requests.set(request.id, request)
    else this.#settle(waiter, request)
  }

  remove(id: number): void {
    this.#requests.delete(id)
  }

  has(id: number): boolean {
    return this.#requests.has(id)
  }

  /** Takes the queued requests of one topic. */
  takeTopic(topic: string): OpenRequest[] {
    const taken = [...this.#requests.values()].filter(({ request }) => request.topic === topic)
    for (const { id } of taken) this.#requests.delete(id)
    return taken
  }

  /** @param timeoutS seconds; negative waits for ever */
  next(timeoutS: number): Promise<OpenRequest | undefined> {
    for (const first of this.#requests.values()) {
      this.#requests.delete(first.id)
      if (!isOverdue(first)) return Promise.resolve(first)
    }
    return new Promise((resolve) => {
      const expire = () => this.#settle(waiter, undefined)
      const timer =
        timeoutS < 0 || timeoutS === Number.POSITIVE_INFINITY ? undefined : setTimeout(expire, timerMs(timeoutS))
      const waiter: Waiter = { resolve, timer }
      this.#waiters.add(waiter)
    })
  }

  close(): void {
    this.#requests.clear()
    for (const waiter of this.#waiters) this.#settle(waiter, undefined)
  }

  #settle(waiter: Waiter, request: OpenRequest | undefined): void {
    clearTimeout(waiter.timer)
    this.#waiters.delete(waiter)
    waiter.resolve(request)
  }
}

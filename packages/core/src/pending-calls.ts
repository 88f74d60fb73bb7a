import type { RmqError } from './errors.ts'
import { randomId } from './random-id.ts'
import type { LinkWatcher } from './resend.ts'

/** Numbers a client's calls, knows which are pending, and tells them of the connection. */
export class PendingCalls {
  /** This client's instance, among all. */
  readonly client: string = randomId()
  readonly #pending = new Set<number>()
  readonly #watchers = new Set<LinkWatcher>()
  #next = 1

  /** The lowest number that is pending, else the next one. */
  get floor(): number {
    // Numbers are added in ascending order, which is the order of the set.
    return this.#pending.values().next().value ?? this.#next
  }

  begin(): number {
    const request = this.#next++
    this.#pending.add(request)
    return request
  }

  end(request: number): void {
    this.#pending.delete(request)
  }

  /** @returns a function that ends the watch */
  watch(watcher: LinkWatcher): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  reconnected(): void {
    for (const watcher of [...this.#watchers]) watcher.reconnected()
  }

  disconnected(): void {
    for (const watcher of [...this.#watchers]) watcher.disconnected()
  }

  closed(error: RmqError): void {
    for (const watcher of [...this.#watchers]) watcher.closed(error)
  }
}

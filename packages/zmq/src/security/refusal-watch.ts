import type { RmqError } from '@rmq/core'
import type { ClientKeys } from './client-keys.ts'
import { findRefusal, type Refusal } from './refusal.ts'

/** A server that takes a client answers sooner. */
const FIRST_LOOK_MS = 200
const LAST_LOOK_MS = 15_000

/** ZeroMQ connects again and again, or gives up, without a word where a server refuses it: looks for the reason. */
export class RefusalWatch {
  readonly #look: () => Promise<Refusal | undefined>
  readonly #onRefused: (error: RmqError) => void
  #timer: NodeJS.Timeout | undefined
  #watch = 0

  constructor(endpoint: string, keys: ClientKeys, onRefused: (error: RmqError) => void) {
    this.#look = () => findRefusal(endpoint, keys)
    this.#onRefused = onRefused
  }

  /**
   * The server is silent from now on.
   * @param stranger it has never answered: then what looks like a refusal twice in a row is taken for one
   */
  start(stranger: boolean): void {
    this.stop()
    const watch = this.#watch
    let suspected = false
    const lookAfter = (delayMs: number) => {
      this.#timer = setTimeout(async () => {
        const refusal = await this.#look().catch(() => undefined)
        if (watch !== this.#watch) return
        lookAfter(Math.min(delayMs * 2, LAST_LOOK_MS))
        if (refusal !== undefined && (refusal.certain || (stranger && suspected))) this.#onRefused(refusal.error)
        suspected = refusal !== undefined
      }, delayMs)
    }
    lookAfter(FIRST_LOOK_MS)
  }

  /** The server has answered, or is not waited for any more. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#watch += 1
  }
}

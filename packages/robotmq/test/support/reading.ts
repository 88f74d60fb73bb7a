import type { Message, Subscription } from 'robotmq'
import { delayMs, numberOf } from './numbered.ts'

/** Reads in the background, and keeps what matters of each message. */
export class Reading {
  readonly numbers: number[] = []
  readonly delaysMs: number[] = []
  lostBefore = 0
  last: Message | undefined
  readonly subscription: Subscription

  constructor(subscription: Subscription) {
    this.subscription = subscription
    void this.#run().catch(() => {})
  }

  /** All records of the epoch so far are accounted for. */
  get sum(): number {
    const { received, lost, skipped } = this.subscription.counts
    return received + lost + skipped
  }

  async #run(): Promise<void> {
    for await (const message of this.subscription) {
      this.numbers.push(numberOf(message))
      this.delaysMs.push(delayMs(message))
      this.lostBefore += message.lostBefore
      this.last = message
    }
  }
}

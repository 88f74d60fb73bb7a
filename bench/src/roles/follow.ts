import type { RMQClient, SubscribeOptions, Subscription } from 'robotmq'
import { monotonicNs } from './clock.ts'
import type { Followed } from './stream.ts'

/** Subscriptions of one client. Its twin is python/follow.py, which polls, as the original's users do. */
export class Follower {
  readonly #subscriptions = new Map<string, { subscription: Subscription; over: AbortController }>()

  /** What is published once this resolves will be followed. */
  async subscribe(
    client: RMQClient,
    topics: readonly string[],
    inPlace: boolean,
    policy: SubscribeOptions['policy'] = 'all',
  ): Promise<void> {
    for (const topic of topics) {
      const over = new AbortController()
      const subscription = client.subscribe(topic, { from: 'new', policy, inPlace, signal: over.signal })
      await subscription.ready
      this.#subscriptions.set(topic, { subscription, over })
    }
  }

  /** Follows each topic to the record with the number in `last`, or until so many seconds are over. */
  async follow(last: Readonly<Record<string, number>>, seconds: number): Promise<Record<string, Followed>> {
    const all = Object.entries(last).map(
      async ([topic, id]) => [topic, await this.#followOne(topic, id, seconds)] as const,
    )
    return Object.fromEntries(await Promise.all(all))
  }

  async #followOne(topic: string, last: number, seconds: number): Promise<Followed> {
    const { subscription, over } = this.#subscriptions.get(topic)!
    const arrivals: [number, number][] = []
    let lost = 0
    const timer = setTimeout(() => over.abort(), seconds * 1000)
    try {
      for await (const { data, lostBefore } of subscription) {
        const now = monotonicNs()
        const id = data[0]! | (data[1]! << 8) | (data[2]! << 16) | (data[3]! << 24)
        arrivals.push([id, now])
        lost += lostBefore
        if (id === last) break
      }
    } catch (error) {
      if (!over.signal.aborted) throw error
    } finally {
      clearTimeout(timer)
      this.#subscriptions.delete(topic)
    }
    return { arrivals, lost }
  }
}

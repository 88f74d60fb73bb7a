import type { ClientConnection } from './client-connection.ts'
import { RmqError } from './errors.ts'
import type { FeedRequest, FeedStart } from './feed.ts'
import { RemoteFollower } from './remote-follower.ts'
import { LOOKS, type StaleEvent, StaleWatch } from './stale-watch.ts'
import {
  BUFFER_BYTES,
  BUFFER_RECORDS,
  type Place,
  type SubscribeOptions,
  Subscription,
  type SubscriptionSource,
} from './subscription.ts'
import { sleep } from './timer.ts'
import type { TopicName } from './topic-name.ts'
import type { Link } from './transport.ts'

/** How often a topic that was there is looked for again. */
const FIRST_LOOK_S = 0.01
const LAST_LOOK_S = 0.5

export interface ClientSubscriptionsOptions {
  readonly connection: ClientConnection
  /** Asks the server whether the topic is one that can be attached, which it then is. */
  readonly attach: (topic: TopicName, signal: AbortSignal) => Promise<boolean>
  readonly onDrop: (loss: { readonly topic: string; readonly lost: number }) => void
}

/** A client's subscriptions and watches: each has a place in its topic, attached or over the link. */
export class ClientSubscriptions {
  readonly #options: ClientSubscriptionsOptions
  readonly #subscriptions = new Set<Subscription>()
  readonly #watches = new Set<StaleWatch>()

  constructor(options: ClientSubscriptionsOptions) {
    this.#options = options
  }

  subscribe(topic: TopicName, options: SubscribeOptions): Subscription {
    const request = (from: FeedStart) => feedRequest(topic, from, options)
    return this.#follow(
      { ...this.#source(topic, request), onLost: (lost) => this.#options.onDrop({ topic, lost }) },
      options,
    )
  }

  /** @returns a function that ends the watch */
  watch(topic: TopicName, afterS: number, callback: (event: StaleEvent) => void): () => void {
    const request = { topic, policy: 'latest', credit: ONE_HEAD, heads: true, pollIntervalS: afterS / LOOKS } as const
    const source = this.#source(topic, (from) => ({ ...request, from }))
    const follow = (signal: AbortSignal) => this.#follow(source, { policy: 'latest', inPlace: true, signal })
    const watch = new StaleWatch({ topic, afterS, callback, follow })
    this.#watches.add(watch)
    return () => {
      this.#watches.delete(watch)
      watch.close()
    }
  }

  /** The server is there again, perhaps with other topics. */
  recheck(): void {
    for (const subscription of this.#subscriptions) subscription.recheck()
  }

  close(): void {
    for (const watch of this.#watches) watch.close()
    for (const subscription of this.#subscriptions) subscription.close()
  }

  #source(topic: TopicName, request: (from: FeedStart) => FeedRequest): Omit<SubscriptionSource, 'onEnd'> {
    const { link } = this.#options.connection
    return {
      topic,
      find: (from) => this.#findPlace(topic, from, link),
      open: (from, again, signal) => this.#openPlace(topic, request(from), again, signal),
    }
  }

  #follow(source: Omit<SubscriptionSource, 'onEnd'>, options: SubscribeOptions): Subscription {
    const subscription = new Subscription({ ...source, onEnd: (ended) => this.#subscriptions.delete(ended) }, options)
    if (options.signal?.aborted !== true) this.#subscriptions.add(subscription)
    return subscription
  }

  /** A place in a topic that is attached. */
  #findPlace(topic: TopicName, from: FeedStart, link: Link): Place | undefined {
    const { connection } = this.#options
    const borrowed = connection.connected ? connection.attachments.borrow(topic, link) : undefined
    if (borrowed === undefined) return undefined
    const { store, server } = borrowed
    const { epoch } = store.description
    const start = typeof from === 'string' ? from : (from.epoch ?? epoch) === epoch ? from.after : 'oldest'
    const follower = store.follow(start)
    return {
      epoch,
      clock: store.clock,
      follower,
      isOver: () => store.ended || (connection.connected && server !== link.server),
      leave: () => {
        follower.close()
        borrowed.giveBack()
      },
    }
  }

  /** The same wherever the topic is, once it is there. */
  async #openPlace(topic: TopicName, request: FeedRequest, again: boolean, signal: AbortSignal): Promise<Place> {
    const { connection, attach } = this.#options
    for (let delayS = FIRST_LOOK_S; ; delayS = Math.min(delayS * 2, LAST_LOOK_S)) {
      const { link } = connection
      try {
        await link.ready({ signal })
        const attached = this.#findPlace(topic, request.from, link)
        if (attached !== undefined) return attached
        if (connection.attachments.possible && (await attach(topic, signal))) continue
        return remotePlace(await RemoteFollower.open(link, request, signal), link)
      } catch (error) {
        // A server that comes back adds its topics one after the other.
        if (!again || !RmqError.isInstance(error) || error.code !== 'TOPIC_NOT_FOUND') throw error
        await sleep(delayS, signal)
      }
    }
  }
}

/** One record is on its way at a time, and the next is asked for when this one was looked at. */
const ONE_HEAD = { records: 1, bytes: 1 }

function feedRequest(topic: string, from: FeedStart, options: SubscribeOptions): FeedRequest {
  const { policy = 'all', bufferRecords = BUFFER_RECORDS, bufferBytes = BUFFER_BYTES, pollIntervalS } = options
  const credit = { records: bufferRecords, bytes: bufferBytes }
  return { topic, from, policy, credit, ...(pollIntervalS !== undefined && { pollIntervalS }) }
}

function remotePlace(follower: RemoteFollower, link: Link): Place {
  return {
    epoch: follower.epoch,
    clock: { nowS: () => link.serverNowS() },
    follower,
    isOver: () => follower.ended,
    leave: () => follower.close(),
  }
}

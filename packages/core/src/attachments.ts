import { type ClockEstimate, sameHostClock } from './clock-estimate.ts'
import { errorText } from './errors.ts'
import type { Logger } from './log.ts'
import type { SharedTopicHome, SharedTopicStore, TopicDescription } from './topic.ts'
import type { TopicName } from './topic-name.ts'
import type { Link } from './transport.ts'

/** How a client reaches a topic. */
export interface TopicAccess {
  /**
   * `attached`: in memory shared with the server. `link`: over the connection. `polling`: the same, and subscriptions
   * look for new records from time to time, since the server does not send by itself.
   */
  readonly access: 'attached' | 'link' | 'polling'
  /** Why a topic in shared memory is not attached, or subscriptions poll. */
  readonly reason?: string
}

/** A store that its user must give back. */
export interface BorrowedStore {
  readonly store: SharedTopicStore
  /** The run of the server that it belongs to. */
  readonly server: string
  giveBack(): void
}

interface Attachment {
  readonly store: SharedTopicStore
  users: number
  /** Closed once nobody uses it. */
  released: boolean
}

/** The shared topics of one server, as far as this process can attach them; the others are asked for over the link. */
export class Attachments {
  readonly #homes: readonly SharedTopicHome[]
  readonly #log: Logger
  readonly #attached = new Map<string, Attachment>()
  /** Topics that are not attached, with the reason where they could have been. */
  readonly #refused = new Map<string, { reason?: string }>()
  readonly #warned = new Set<string>()
  /** The run of the server that all of this is about. */
  #server = ''

  constructor(homes: readonly SharedTopicHome[], log: Logger) {
    this.#homes = homes
    this.#log = log
  }

  /** Whether any topic could be attached. */
  get possible(): boolean {
    return this.#homes.length > 0
  }

  /** The topic's store in this process; undefined: use the link. */
  find(topic: TopicName, link: Link): SharedTopicStore | undefined {
    return this.#find(topic, link)?.store
  }

  /** The server's clock as its topics in shared memory tell it; undefined: none is attached. */
  clock(link: Link): ClockEstimate | undefined {
    if (link.server !== this.#server) return undefined
    for (const { store } of this.#attached.values()) if (!store.ended) return sameHostClock(store.clock.zeroS)
    return undefined
  }

  /** As `find`, for a user that outlives the connection. */
  borrow(topic: TopicName, link: Link): BorrowedStore | undefined {
    const attachment = this.#find(topic, link)
    if (attachment === undefined) return undefined
    attachment.users += 1
    let given = false
    const giveBack = () => {
      if (given) return
      given = true
      attachment.users -= 1
      closeUnused(attachment)
    }
    return { store: attachment.store, server: this.#server, giveBack }
  }

  /** How the topic is reached, once the server has described it. */
  access(description: TopicDescription, link: Link): TopicAccess {
    if (this.#find(description.name, link) !== undefined) return { access: 'attached' }
    const home = this.#homes.find(({ kind }) => kind === description.kind)
    if (description.place === undefined) return { access: 'link' }
    const reason =
      this.#refused.get(description.name)?.reason ??
      home?.explain(description.place) ??
      'this client has no shared memory'
    return { access: 'link', reason }
  }

  /** Lets go of everything: the connection is gone, and the server with it, for all that is known. */
  release(): void {
    for (const attachment of this.#attached.values()) {
      attachment.released = true
      closeUnused(attachment)
    }
    this.#attached.clear()
    this.#refused.clear()
  }

  #find(topic: TopicName, link: Link): Attachment | undefined {
    if (this.#homes.length === 0 || link.dialect !== 'rmq') return undefined
    if (link.server !== this.#server) {
      this.release()
      this.#server = link.server
    }
    const known = this.#attached.get(topic)
    if (known !== undefined) {
      if (!known.store.ended) return known
      this.#attached.delete(topic)
      known.released = true
      closeUnused(known)
    }
    if (this.#refused.has(topic)) return undefined
    const attachment = this.#attach(topic)
    if (attachment === undefined) void this.#learn(topic, link)
    return attachment
  }

  #attach(topic: TopicName): Attachment | undefined {
    try {
      for (const home of this.#homes) {
        const store = home.attach({ name: topic, server: this.#server })
        if (store === undefined) continue
        const attachment = { store, users: 0, released: false }
        this.#attached.set(topic, attachment)
        this.#refused.delete(topic)
        return attachment
      }
      this.#refused.set(topic, {})
    } catch (error) {
      this.#refused.set(topic, { reason: errorText(error) })
    }
    return undefined
  }

  /** Asks once what kind of topic it is that is not here: most live on the server's heap. */
  async #learn(topic: TopicName, link: Link): Promise<void> {
    const { server } = link
    try {
      const { description } = await link.call({ op: 'describe', topic })
      if (server !== this.#server || description.place === undefined) return
      // It may have come, or begun a new epoch, between the look for it and the question.
      if (this.#attached.has(topic) || this.#attach(topic) !== undefined) return
      const { reason } = this.access(description, link)
      if (this.#warned.has(topic)) return
      this.#warned.add(topic)
      this.#log.warn(`Topic "${topic}" is in shared memory, but its records come over the connection: ${reason}`)
    } catch {
      // No such topic yet, or no answer: the next call looks again.
      if (server === this.#server) this.#refused.delete(topic)
    }
  }
}

function closeUnused(attachment: Attachment): void {
  if (attachment.released && attachment.users === 0) attachment.store.close()
}

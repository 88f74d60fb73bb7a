import { RmqError } from './errors.ts'
import type { ServerTime, SharedTopicHome, TopicDescription, TopicHome, TopicStatus, TopicStore } from './topic.ts'

/** The topics of one server, wherever they live. */
export class TopicRegistry {
  readonly #homes: readonly (TopicHome | SharedTopicHome)[]
  readonly #clock: ServerTime
  readonly #stores = new Map<string, TopicStore>()

  constructor(homes: readonly (TopicHome | SharedTopicHome)[], clock: ServerTime) {
    this.#homes = homes
    this.#clock = clock
  }

  /**
   * @param server the run of the server, by which a shared topic is found
   * @throws TOPIC_EXISTS, UNSUPPORTED where no home holds topics of that kind
   */
  add(description: TopicDescription, server: string): void {
    if (this.#stores.has(description.name)) throw topicExists(description.name)
    const home = this.#homes.find((candidate) => candidate.kind === description.kind)
    if (home === undefined) {
      throw new RmqError('UNSUPPORTED', `This server has no home for topics of kind "${description.kind}".`)
    }
    const store =
      'create' in home ? home.create(description, this.#clock) : home.attach({ name: description.name, server })
    if (store === undefined) throw new RmqError('CORRUPT', `The memory of topic "${description.name}" has gone.`)
    this.#stores.set(description.name, store)
  }

  find(name: string): TopicStore | undefined {
    return this.#stores.get(name)
  }

  /** @throws TOPIC_NOT_FOUND */
  get(name: string): TopicStore {
    const store = this.#stores.get(name)
    if (store === undefined) throw topicNotFound(name)
    return store
  }

  statuses(): TopicStatus[] {
    return [...this.#stores.values()].map((store) => store.status())
  }

  resetAll(epochs: ReadonlyMap<string, string>): void {
    for (const [name, store] of this.#stores) store.reset(epochs.get(name) ?? store.description.epoch)
  }

  close(): void {
    for (const store of this.#stores.values()) store.close()
    this.#stores.clear()
  }
}

export function topicNotFound(name: string): RmqError {
  return new RmqError('TOPIC_NOT_FOUND', `Topic "${name}" does not exist: the server must call addTopic first.`)
}

export function topicExists(name: string): RmqError {
  return new RmqError('TOPIC_EXISTS', `Topic "${name}" exists already: choose another name, or add it once.`)
}

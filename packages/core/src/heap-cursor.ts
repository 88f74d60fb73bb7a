import type { TopicRecord } from './message.ts'
import type { Followed, FollowerCounts, FollowStart, RecordCursor } from './topic.ts'

/** What a cursor needs of its topic. */
export interface CursorTopic {
  /** The sequence that the next put will get. */
  readonly nextSequence: number
  /** The oldest record that is there. */
  readonly oldest: TopicRecord | undefined
  readonly newest: TopicRecord | undefined
  /** The oldest record with this sequence or a later one. */
  firstFrom(sequence: number): TopicRecord | undefined
}

/** Reads a topic on the heap record by record, and accounts for every one. */
export class HeapCursor implements RecordCursor {
  readonly #topic: CursorTopic
  #position: number
  #received = 0
  #lost = 0
  #skipped = 0
  #lostAtDelivery = 0

  constructor(topic: CursorTopic, from: FollowStart) {
    this.#topic = topic
    this.#position = firstOf(topic, from)
  }

  get position(): number {
    return this.#position
  }

  get counts(): FollowerCounts {
    return { received: this.#received, lost: this.#lost, skipped: this.#skipped }
  }

  next(): Followed | undefined {
    const { nextSequence } = this.#topic
    if (this.#position >= nextSequence) return undefined
    const record = this.#topic.firstFrom(this.#position)
    // What is gone does not come back, whether a record follows it or not.
    const found = record?.sequence ?? nextSequence
    this.#lost += found - this.#position
    this.#position = found
    if (record === undefined) return undefined
    this.#position += 1
    this.#received += 1
    const lost = this.#lost - this.#lostAtDelivery
    this.#lostAtDelivery = this.#lost
    return { record, lost }
  }

  skipToNewest(): void {
    const newest = this.#topic.nextSequence - 1
    if (newest <= this.#position) return
    this.#skipped += newest - this.#position
    this.#position = newest
  }

  close(): void {}
}

function firstOf(topic: CursorTopic, from: FollowStart): number {
  switch (from) {
    case 'new':
      return topic.nextSequence
    case 'latest':
      return topic.newest?.sequence ?? topic.nextSequence
    case 'oldest':
      return topic.oldest?.sequence ?? topic.nextSequence
    default:
      return from + 1
  }
}

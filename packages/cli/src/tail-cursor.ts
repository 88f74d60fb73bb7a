import type { Message } from 'robotmq'
import { LastRecords } from './last-records.ts'

/**
 * Remembers up to where a follower has read a topic. Sequences tell it exactly; a server that has none (NaN) is
 * followed by recognising the last records again.
 */
export class TailCursor {
  #epoch: string | undefined
  #sequence = 0
  readonly #last = new LastRecords()

  /** Takes records as seen, without asking what came before them. None: all that will come is new. */
  begin(records: readonly Message[]): void {
    const newest = records.at(-1)
    if (newest === undefined) return
    this.#epoch = newest.epoch
    this.#sequence = newest.sequence
    this.#last.add(records)
  }

  /**
   * Moves to the end of the tail.
   * @param tail the newest records of the topic, in time order
   * @param whole whether these are all that the topic holds
   * @returns the records that were not seen before, or undefined when some may be missing between those that were and
   *   this tail: read a longer one
   */
  advance(tail: readonly Message[], whole: boolean): readonly Message[] | undefined {
    const newest = tail.at(-1)
    if (newest === undefined) return []
    const bySequence = !Number.isNaN(newest.sequence)
    const unseen = bySequence ? this.#afterSequence(tail, newest, whole) : this.#afterLast(tail, whole)
    if (unseen !== undefined) this.begin(unseen)
    return unseen
  }

  /** How many records come after what was seen, up to this one; undefined where there is no telling. */
  distanceTo({ epoch, sequence }: Message): number | undefined {
    return epoch === this.#epoch && !Number.isNaN(sequence) ? sequence - this.#sequence : undefined
  }

  #afterSequence(tail: readonly Message[], newest: Message, whole: boolean): readonly Message[] | undefined {
    const sameEpoch = newest.epoch === this.#epoch
    const seen = sameEpoch ? this.#sequence : 0
    const unseen = tail.filter(({ sequence }) => sequence > seen)
    const reachesBack = whole || unseen.length < tail.length || unseen[0]?.sequence === seen + 1
    if (!reachesBack) return undefined
    return unseen.map((message, index) => {
      const before = unseen[index - 1]?.sequence ?? seen
      // Of another epoch this follower has seen nothing, so it has lost nothing.
      const isFirstOfEpoch = index === 0 && !sameEpoch
      return { ...message, lostBefore: isFirstOfEpoch ? 0 : message.sequence - before - 1 }
    })
  }

  #afterLast(tail: readonly Message[], whole: boolean): readonly Message[] | undefined {
    return this.#last.after(tail) ?? (whole ? tail : undefined)
  }
}

import type { OpenSegment } from './open-segment.ts'

/** Tells functions that records were put into a topic, by whichever process. */
export class AppendNotice {
  readonly #wakes = new Set<() => void>()
  #watched: OpenSegment | undefined

  /** @returns a function that stops the calls */
  add(wake: () => void, open: OpenSegment): () => void {
    this.#wakes.add(wake)
    if (this.#watched === undefined) this.move(open)
    return () => {
      if (!this.#wakes.delete(wake) || this.#wakes.size > 0) return
      this.#watched?.watch.cancel(this)
      this.#watched = undefined
    }
  }

  /** The topic goes on in another segment. */
  move(open: OpenSegment): void {
    if (this.#wakes.size === 0) return
    this.#watched = open
    void this.#listen(open)
  }

  async #listen(open: OpenSegment): Promise<void> {
    const { native, watch } = open
    let cursor = native.nextSequence()
    while (this.#watched === open) {
      // Ends by itself where the segment is closed, or nobody listens any more.
      const waited = await watch.wait(cursor, { owner: this, holdsLoop: false }).then(
        () => true,
        () => false,
      )
      if (!waited || this.#watched !== open || open.closed) return
      const next = native.nextSequence()
      // Retired: nothing follows, and a wait would end at once.
      if (next === cursor) return
      cursor = next
      for (const wake of this.#wakes) wake()
    }
  }
}

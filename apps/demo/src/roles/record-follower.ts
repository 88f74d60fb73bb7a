import type { Message, RMQClient } from 'robotmq'

const FIRST_ASK = 64

export interface Batch {
  /** The records since the batch before, in order. */
  readonly records: readonly Message[]
  /** Records that were gone before they could be read. */
  readonly lost: number
}

/**
 * Reads every record of a topic from the newest on, without taking any away from others: it asks for somewhat more of the newest records than
 * it expects, knows those it has by their sequence, and asks for more where the rest does not join on.
 */
export class RecordFollower {
  readonly #client: RMQClient
  readonly #topic: string
  #last: Message | undefined
  #ask = FIRST_ASK

  constructor(client: RMQClient, topic: string) {
    this.#client = client
    this.#topic = topic
  }

  async next(signal: AbortSignal): Promise<Batch> {
    for (;;) {
      const n = this.#last === undefined ? -1 : -this.#ask
      const found = await this.#client.peekData(this.#topic, n, { signal })
      const last = found[0]?.epoch === this.#last?.epoch ? this.#last : undefined
      const records = found.filter(({ sequence }) => last === undefined || sequence > last.sequence)
      const lost = last === undefined || records[0] === undefined ? 0 : records[0].sequence - last.sequence - 1
      if (lost > 0 && found.length === this.#ask) {
        this.#ask *= 2
        continue
      }
      this.#last = records.at(-1) ?? last
      this.#ask = Math.max(FIRST_ASK / 4, Math.min(this.#ask, records.length * 4))
      return { records, lost: lost + gapsIn(records) }
    }
  }
}

function gapsIn(records: readonly Message[]): number {
  const [first] = records
  const newest = records.at(-1)
  return first && newest ? newest.sequence - first.sequence + 1 - records.length : 0
}

/** Records that a publisher puts at a pace, each with its number in the first four bytes. */
export interface Stream {
  readonly topic: string
  readonly bytes: number
  readonly count: number
  /** Filled in a loan before the clock starts, where the side lends memory. */
  readonly inPlace: boolean
  /** Seconds between two records, from and to. */
  readonly gapS: readonly [number, number]
  /** Makes up for what came too late, so that the rate holds. */
  readonly catchUp: boolean
}

/** What a subscriber tells of a topic. */
export interface Followed {
  /** Number of each record and when the first line of the program had it. */
  readonly arrivals: readonly (readonly [id: number, ns: number])[]
  /** Records that it was told it lost; null where nobody tells. */
  readonly lost: number | null
}

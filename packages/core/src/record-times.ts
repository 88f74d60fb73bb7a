/**
 * When the records of a topic are from, the one put first first: seconds on the steady clock of the server's host.
 * A look at the topic as it is now, to be used at once.
 */
export interface RecordTimes {
  readonly count: number
  sequence(index: number): number
  /** When it was put; never less than that of the record before. */
  putS(index: number): number
  /** When it was captured, else when it was put. */
  momentS(index: number): number
  /** No moment is further before its put. @see nearest */
  readonly lagS: number
  /** No moment is further behind its put. */
  readonly leadS: number
}

/**
 * The record whose moment is nearest, the later of two at the same distance; undefined where there is none. Puts come in
 * order, moments nearly so: the search goes from the put at that time outwards, as far as a nearer one may be.
 */
export function nearest(times: RecordTimes, timeS: number): number | undefined {
  const { count, lagS, leadS } = times
  let newer = firstPutFrom(times, timeS)
  let older = newer - 1
  let best: number | undefined
  let bestS = Number.POSITIVE_INFINITY
  const consider = (index: number) => {
    const distanceS = Math.abs(times.momentS(index) - timeS)
    if (distanceS > bestS || (distanceS === bestS && best !== undefined && best > index)) return
    best = index
    bestS = distanceS
  }
  for (;;) {
    const looksBack = older >= 0 && times.putS(older) + leadS >= timeS - bestS
    if (looksBack) consider(older--)
    const looksAhead = newer < count && times.putS(newer) - lagS <= timeS + bestS
    if (looksAhead) consider(newer++)
    if (!looksBack && !looksAhead) return best
  }
}

/** The first record that was put at this time or later. */
function firstPutFrom(times: RecordTimes, timeS: number): number {
  let low = 0
  let high = times.count
  while (low < high) {
    const middle = (low + high) >> 1
    if (times.putS(middle) < timeS) low = middle + 1
    else high = middle
  }
  return low
}

import { RmqError } from './errors.ts'
import { nearest, type RecordTimes } from './record-times.ts'

/** Records of one topic that are tried as the moment for all of them. */
const MOST_TRIES = 16

/** What records of several topics are asked for. */
export interface Moment {
  /** How far, in seconds, each record may be from the moment. */
  readonly toleranceS: number
  /** On the steady clock of the server's host. @default the latest moment that every topic has a record of */
  readonly timeS?: number
}

/**
 * For each topic the index of its record at one moment. Without a time this is the moment of a record of the topic that
 * is furthest behind: its newest, or an earlier one where the others have none close enough.
 * @throws STALE telling which topic has no record there
 */
export function align(topics: readonly string[], all: readonly RecordTimes[], { toleranceS, timeS }: Moment): number[] {
  for (const [at, { count }] of all.entries()) {
    if (count === 0) throw new RmqError('STALE', `Topic "${topics[at]}" has no record.`)
  }
  const newestS = all.map((times) => times.momentS(times.count - 1))
  const anchor = all[newestS.indexOf(Math.min(...newestS))]!
  const tries = timeS === undefined ? Math.min(anchor.count, MOST_TRIES) : 1
  let missed: RmqError | undefined
  for (let back = 1; back <= tries; back++) {
    const momentS = timeS ?? anchor.momentS(anchor.count - back)
    const found = all.map((times) => nearest(times, momentS)!)
    const distances = found.map((index, at) => Math.abs(all[at]!.momentS(index) - momentS))
    const farthestS = Math.max(...distances)
    if (farthestS <= toleranceS) return found
    missed ??= tooFar(topics[distances.indexOf(farthestS)]!, toleranceS, farthestS)
  }
  throw missed!
}

function tooFar(topic: string, toleranceS: number, distanceS: number): RmqError {
  return new RmqError(
    'STALE',
    `Topic "${topic}" has no record within ${toleranceS} s of that moment: the nearest is ${distanceS.toFixed(3)} s away.`,
  )
}

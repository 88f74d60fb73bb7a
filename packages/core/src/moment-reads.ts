import { align, type Moment } from './alignment.ts'
import { RmqError } from './errors.ts'
import type { TopicRecord } from './message.ts'
import { nearest } from './record-times.ts'
import type { TopicStore } from './topic.ts'

/** How often records may be gone that were chosen: others write, and pop, meanwhile. */
const MOST_LOOKS = 8
/** Topics that may be read at one moment. */
const MOST_TOPICS = 64

/** What a record near a time is asked for. */
export interface Instant {
  /** Seconds on the steady clock of the server's host. */
  readonly timeS: number
  /** @default any distance */
  readonly toleranceS?: number
}

/** The record nearest the time, if it is near enough: one or none. */
export function peekNearest(
  store: TopicStore,
  { timeS, toleranceS = Number.POSITIVE_INFINITY }: Instant,
): TopicRecord[] {
  requireInstant(timeS)
  for (let look = 0; look < MOST_LOOKS; look++) {
    const times = store.times()
    const index = nearest(times, timeS)
    if (index === undefined || Math.abs(times.momentS(index) - timeS) > toleranceS) return []
    const record = store.readOne(times.sequence(index))
    if (record !== undefined) return [record]
  }
  throw overtaken(store)
}

/**
 * One record of each topic from the same moment.
 * @param heads topics of whose records the bytes are left out
 * @throws STALE
 */
export function peekAligned(
  topics: readonly string[],
  stores: readonly TopicStore[],
  moment: Moment,
  heads: ReadonlySet<string>,
): TopicRecord[] {
  if (moment.timeS !== undefined) requireInstant(moment.timeS)
  requireTolerance(moment.toleranceS)
  for (let look = 0; look < MOST_LOOKS; look++) {
    const all = stores.map((store) => store.times())
    const found = align(topics, all, moment)
    const records: TopicRecord[] = []
    for (const [at, store] of stores.entries()) {
      const times = all[at]!
      const index = found[at]!
      const sequence = times.sequence(index)
      // Its time is of no use to who reads the rest of the record elsewhere.
      const head = { sequence, timestampS: Number.NaN, data: NOTHING }
      const record = heads.has(topics[at]!) ? head : store.readOne(sequence)
      if (record !== undefined) records.push(record)
    }
    if (records.length === stores.length) return records
  }
  throw overtaken(stores[0]!)
}

/** @throws INVALID_ARGUMENT for anything but a finite number */
export function requireInstant(timeS: unknown): asserts timeS is number {
  if (typeof timeS === 'number' && Number.isFinite(timeS)) return
  throw new RmqError(
    'INVALID_ARGUMENT',
    `timeS must be a finite number, seconds on the steady clock of the server's host, got ${String(timeS)}.`,
  )
}

/** @throws INVALID_ARGUMENT for anything but a number of seconds, not negative */
export function requireTolerance(toleranceS: unknown): asserts toleranceS is number {
  if (typeof toleranceS === 'number' && toleranceS >= 0) return
  throw new RmqError(
    'INVALID_ARGUMENT',
    `toleranceS must be a number of seconds, not negative, got ${String(toleranceS)}.`,
  )
}

/** @throws INVALID_ARGUMENT for none, or too many */
export function requireTopics(topics: unknown): asserts topics is readonly string[] {
  if (Array.isArray(topics) && topics.length > 0 && topics.length <= MOST_TOPICS) return
  throw new RmqError('INVALID_ARGUMENT', `peekAligned takes an array of 1 to ${MOST_TOPICS} topics.`)
}

function overtaken({ description }: TopicStore): RmqError {
  return new RmqError(
    'STALE',
    `Records of topic "${description.name}" leave faster than they are read: give it more room or a longer life.`,
  )
}

const NOTHING = new Uint8Array(0)

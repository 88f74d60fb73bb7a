import { setTimeout as delay } from 'node:timers/promises'
import type { Message } from 'robotmq'
import { TailCursor } from './tail-cursor.ts'

/** Reads the newest |n| records of a topic, or all with 0, as `peekData` does. */
export type Peek = (n: number) => Promise<readonly Message[]>

export interface FollowOptions {
  readonly signal: AbortSignal
  /** Milliseconds between two looks at a topic where nothing is new. */
  readonly pollMs: number
}

/** How much longer a tail is read where the records have no sequence to reckon with. */
const GROWTH = 4
const MAX_TAIL = 2 ** 16

/**
 * The newest record of a topic and all that come after it, by polling. Each record comes once; `lostBefore` counts
 * those that left the topic before they could be read.
 */
export async function* follow(peek: Peek, { signal, pollMs }: FollowOptions): AsyncGenerator<Message, void> {
  const cursor = new TailCursor()
  const first = await peek(-1)
  cursor.begin(first)
  yield* first
  for (;;) {
    const unseen = await readUnseen(peek, cursor)
    yield* unseen
    if (unseen.length === 0) await delay(pollMs, undefined, { signal })
  }
}

async function readUnseen(peek: Peek, cursor: TailCursor): Promise<readonly Message[]> {
  let length = 1
  for (;;) {
    const tail = await peek(length === 0 ? 0 : -length)
    const unseen = cursor.advance(tail, tail.length < length || length === 0)
    if (unseen !== undefined) return unseen
    const newest = tail.at(-1)
    length = nextLength(length, newest && cursor.distanceTo(newest))
  }
}

/** @returns 0 for all records */
function nextLength(length: number, distance: number | undefined): number {
  const next = distance ?? length * GROWTH
  return next > MAX_TAIL ? 0 : next
}

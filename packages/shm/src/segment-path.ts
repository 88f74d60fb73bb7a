import { createHash } from 'node:crypto'
import type { TopicAddress } from '@rmq/core'

/** Where segments lie: memory with names, which the system empties at its start. */
export const SEGMENT_FOLDER = '/dev/shm'

/**
 * A segment's file depends on the topic and on its server's run alone, so that whoever knows both opens it at once. The
 * run is a random word: no other user's server can have the same, and a client of another user need not know whose it is.
 * The original robotmq clears all of its own, `rmq_…`: ours begin otherwise.
 */
export function segmentPath({ name, server }: TopicAddress): string {
  const text = `${Buffer.byteLength(server)}:${server}${name}`
  return `${SEGMENT_FOLDER}/rmq.${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}

export function isSegmentName(fileName: string): boolean {
  return /^rmq\.[0-9a-f]{32}$/.test(fileName)
}

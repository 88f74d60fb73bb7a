import { Buffer } from 'node:buffer'
import type { TopicRecord } from '@rmq/core'
import { looksLikeReference } from '../robotmq/record-block.ts'

/** The same for a record of a robotmq server, told of twice; another one for each record that is told by reference. */
export function recordKey({ timestampS, data }: TopicRecord): string {
  return `${timestampS} ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')}`
}

/**
 * Whether a record was copied before the server could overwrite it.
 * @param answered the record as the server told of it
 * @param oldest the server's oldest record, as told after the copy
 */
export function isIntact(answered: TopicRecord, oldest: TopicRecord | undefined): boolean {
  if (!looksLikeReference(answered.data)) return true
  if (oldest === undefined) return false
  return oldest.timestampS < answered.timestampS || recordKey(oldest) === recordKey(answered)
}

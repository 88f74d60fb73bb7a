import type { TopicRecord } from '@rmq/core'
import type { RecordHead } from './head.ts'

export function toRecordHead({ sequence, timestampS, captureTimeS, data }: TopicRecord): RecordHead {
  return { sequence, timestampS, byteLength: data.byteLength, ...(captureTimeS !== undefined && { captureTimeS }) }
}

export function toRecord({ sequence, timestampS, captureTimeS }: RecordHead, data: Uint8Array): TopicRecord {
  return { sequence, timestampS, ...(captureTimeS !== undefined && { captureTimeS }), data }
}

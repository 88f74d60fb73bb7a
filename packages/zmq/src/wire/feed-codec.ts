import { type Credit, type FeedBatch, type FeedEnd, type FeedRequest, type FeedStart, RmqError } from '@rmq/core'
import { encodeHead, type Head, MessageKind, type RecordHead } from './head.ts'
import { decodeJson } from './json.ts'
import { fromPayloadFrames, toPayloadFrames } from './payload-frames.ts'
import { toRecord, toRecordHead } from './record-codec.ts'

/** What the answer to a subscribe tells. */
export interface Subscribed {
  readonly epoch: string
  readonly next: number
}

/** What a push brings. Its records tell no losses: the numbers that are missing do. */
export interface Push {
  readonly batch: FeedBatch
  readonly end?: FeedEnd
}

/** The frame of a subscribe. @param received how many replies came on this connection so far */
export function encodeSubscribe(call: number, request: FeedRequest, received: number): Uint8Array[] {
  const { topic, from, policy, credit, large = false, heads = false } = request
  const text = { op: 'subscribe', topic, from, policy, credit, ...(large && { large }), ...(heads && { heads }) }
  return [frame(MessageKind.CALL, call, 0, JSON.stringify(text), [], received)]
}

/** Whether a call is a subscribe. */
export function isSubscribe(meta: Record<string, unknown>): boolean {
  return meta['op'] === 'subscribe'
}

/** @throws MALFORMED_MESSAGE */
export function decodeSubscribe(meta: Record<string, unknown>): FeedRequest {
  const { topic, from, policy, credit, large, heads } = meta
  if (typeof topic !== 'string') throw malformed('A subscribe tells no topic.')
  if (policy !== 'all' && policy !== 'latest') throw malformed('A subscribe tells no policy.')
  return {
    topic,
    from: readStart(from),
    policy,
    credit: readCredit(credit),
    large: large === true,
    ...(heads === true && { heads }),
  }
}

export function encodeSubscribed(call: number, timeS: number, { epoch, next }: Subscribed): Uint8Array[] {
  return [frame(MessageKind.REPLY, call, timeS, JSON.stringify({ epoch, next }))]
}

/** @throws MALFORMED_MESSAGE */
export function decodeSubscribed(head: Head): Subscribed {
  const { epoch, next } = decodeJson(head.meta)
  if (typeof epoch !== 'string' || !Number.isSafeInteger(next))
    throw malformed('The answer to a subscribe is not understood.')
  return { epoch, next: next as number }
}

/** The frames of a push. Large payloads are the records' own objects. */
export function encodePush(call: number, timeS: number, { followed, skipped, next }: FeedBatch): Uint8Array[] {
  const last = followed.at(-1)?.record.sequence
  const told = { ...(skipped > 0 && { skipped }), ...(next !== (last ?? Number.NaN) + 1 && { next }) }
  const text = 'skipped' in told || 'next' in told ? JSON.stringify(told) : ''
  const records = followed.map(({ record }) => toRecordHead(record))
  return [
    frame(MessageKind.PUSH, call, timeS, text, records),
    ...toPayloadFrames(followed.map(({ record }) => record.data)),
  ]
}

/** The frame that tells that a feed has ended. */
export function encodeEnd(call: number, timeS: number, end: FeedEnd): Uint8Array[] {
  return [frame(MessageKind.PUSH, call, timeS, JSON.stringify({ end }))]
}

/** @throws MALFORMED_MESSAGE */
export function decodePush(head: Head, payloadFrames: readonly Uint8Array[]): Push {
  const { skipped = 0, next, end } = head.meta === '' ? {} : decodeJson(head.meta)
  const payloads = fromPayloadFrames(
    head.records.map(({ byteLength }) => byteLength),
    payloadFrames,
  )
  const last = head.records.at(-1)
  if (!isCount(skipped) || (next !== undefined && !isCount(next)))
    throw malformed('The counts of a push are not understood.')
  const followed = payloads.map((data, index) => ({ record: toRecord(head.records[index]!, data), lost: 0 }))
  const batch = { followed, skipped, next: next ?? (last === undefined ? Number.NaN : last.sequence + 1) }
  // Any word that is not known is an end as well.
  return end === undefined ? { batch } : { batch, end: end === 'large' ? end : 'over' }
}

export function encodeCredit(call: number, { records, bytes }: Credit): Uint8Array[] {
  return [frame(MessageKind.CREDIT, call, 0, JSON.stringify({ records, bytes }))]
}

/** @throws MALFORMED_MESSAGE */
export function decodeCredit(head: Head): Credit {
  return readCredit(decodeJson(head.meta))
}

/** The frame that takes a call back: nobody waits for its answer, or its records, any more. */
export function encodeCancel(call: number): Uint8Array[] {
  return [frame(MessageKind.CANCEL, call, 0, '')]
}

function frame(
  kind: number,
  call: number,
  timeS: number,
  meta: string,
  records: readonly RecordHead[] = [],
  received = 0,
): Uint8Array {
  return encodeHead({ kind, call, timeS, received, meta, records })
}

function readStart(from: unknown): FeedStart {
  if (from === 'latest' || from === 'new' || from === 'oldest') return from
  const { epoch, after } = (from ?? {}) as Record<string, unknown>
  if (!isCount(after) || (epoch !== undefined && typeof epoch !== 'string'))
    throw malformed('A subscribe tells no start.')
  return { after, ...(epoch !== undefined && { epoch }) }
}

function readCredit(value: unknown): Credit {
  const { records, bytes } = (value ?? {}) as Record<string, unknown>
  if (!isCount(records) || !isCount(bytes)) throw malformed('A credit is not understood.')
  return { records, bytes }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function malformed(text: string): RmqError {
  return new RmqError('MALFORMED_MESSAGE', text)
}

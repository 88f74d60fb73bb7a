import { readFileSync } from 'node:fs'
import type { FeedBatch, FeedRequest } from '@rmq/core'
import { describe, expect, test } from 'vitest'
import { decodeCall, encodeCall } from '../src/wire/call-codec.ts'
import { decodeError, encodeError, encodeNotSpoken } from '../src/wire/error-codec.ts'
import {
  decodeCredit,
  decodePush,
  decodeSubscribe,
  decodeSubscribed,
  encodeCancel,
  encodeCredit,
  encodeEnd,
  encodePush,
  encodeSubscribe,
  encodeSubscribed,
} from '../src/wire/feed-codec.ts'
import { decodeHead, type Head, MessageKind, peekHead } from '../src/wire/head.ts'
import { decodeJson } from '../src/wire/json.ts'
import { decodePong, encodePing, encodePong } from '../src/wire/ping-codec.ts'
import { decodeReply, encodeReply } from '../src/wire/reply-codec.ts'

/** A message as it is written, and what it says when it is read. */
interface Golden {
  readonly name: string
  readonly frames: Uint8Array[]
  readonly kind: number
  readonly read: (head: Head, payloads: Uint8Array[]) => unknown
  readonly says: unknown
}

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)
const key = { client: 'c1', request: 7, floor: 3, server: 's1' }
const put = { op: 'put', topic: 'joints', data: bytes(3, 0xaa), captureTimeS: 1.5, key } as const
const peek = { op: 'peek', topic: 'joints', n: -1 } as const
const request = { op: 'request', topic: 'ask', data: bytes(2, 0xbb), key } as const
const inTime = { ...request, deadlineTimeS: 1017.25, supersede: true } as const
const peekAt = { op: 'peekAt', topic: 'joints', timeS: 1012.875, toleranceS: Number.POSITIVE_INFINITY } as const
const aligned = { op: 'peekAligned', topics: ['a', 'b'], toleranceS: 0.5, timeS: 1012.875, heads: ['b'] } as const
const first = { sequence: 41, timestampS: 12.25, data: bytes(4, 1) }
const second = { sequence: 42, timestampS: 12.5, captureTimeS: 12.375, data: bytes(2, 2) }
const large = { sequence: 43, timestampS: 13, data: bytes(5000, 3) }
const batch = (records: (typeof first)[], skipped: number, next: number): FeedBatch => ({
  followed: records.map((record) => ({ record, lost: 0 })),
  skipped,
  next,
})
const subscribe: FeedRequest = {
  topic: 'joints',
  from: 'latest',
  policy: 'all',
  credit: { records: 4096, bytes: 8388608 },
  large: false,
}
const resume: FeedRequest = { ...subscribe, from: { epoch: 'e1', after: 42 }, policy: 'latest', large: true }
const heads: FeedRequest = { ...subscribe, policy: 'latest', credit: { records: 1, bytes: 1 }, heads: true }
const alignedRecords = { epochs: ['e1', 'e2'], records: [first, { ...second, data: bytes(0, 0) }] }
const records = { epoch: 'e1', records: [first, second, large] }

const readCall = (head: Head, payloads: Uint8Array[]) => decodeCall(head, decodeJson(head.meta), payloads)
const readSubscribe = (head: Head) => decodeSubscribe(decodeJson(head.meta))
const readError = (head: Head) => decodeError(head).code

const golden: readonly Golden[] = [
  { name: 'call-peek', kind: 1, frames: encodeCall(5, peek, 9), read: readCall, says: peek },
  { name: 'call-put', kind: 1, frames: encodeCall(6, put), read: readCall, says: put },
  { name: 'call-request', kind: 1, frames: encodeCall(7, request), read: readCall, says: request },
  { name: 'call-request-in-time', kind: 1, frames: encodeCall(7, inTime), read: readCall, says: inTime },
  { name: 'call-peek-at', kind: 1, frames: encodeCall(5, peekAt, 9), read: readCall, says: peekAt },
  { name: 'call-peek-aligned', kind: 1, frames: encodeCall(5, aligned, 9), read: readCall, says: aligned },
  {
    name: 'reply-peek-aligned',
    kind: 2,
    frames: encodeReply(5, 14.5, alignedRecords),
    read: (head, payloads) => decodeReply(aligned, head, payloads),
    says: alignedRecords,
  },
  {
    name: 'reply-peek',
    kind: 2,
    frames: encodeReply(5, 14.5, records),
    read: (head, payloads) => decodeReply(peek, head, payloads),
    says: records,
  },
  {
    name: 'reply-put',
    kind: 2,
    frames: encodeReply(6, 14.5, { epoch: 'e1', sequence: 44 }),
    read: (head, payloads) => decodeReply(put, head, payloads),
    says: { epoch: 'e1', sequence: 44 },
  },
  { name: 'error', kind: 3, frames: encodeError(7, 14.5, new Error('no')), read: readError, says: 'REQUEST_FAILED' },
  {
    name: 'error-not-spoken',
    kind: 3,
    frames: encodeNotSpoken(7, 14.5, 2, 1),
    read: readError,
    says: 'VERSION_MISMATCH',
  },
  { name: 'cancel', kind: 4, frames: encodeCancel(7), read: ({ call }) => call, says: 7 },
  { name: 'subscribe', kind: 1, frames: encodeSubscribe(8, subscribe, 9), read: readSubscribe, says: subscribe },
  { name: 'subscribe-resume', kind: 1, frames: encodeSubscribe(9, resume, 9), read: readSubscribe, says: resume },
  { name: 'subscribe-heads', kind: 1, frames: encodeSubscribe(9, heads, 9), read: readSubscribe, says: heads },
  {
    name: 'subscribed',
    kind: 2,
    frames: encodeSubscribed(8, 14.5, { epoch: 'e1', next: 41 }),
    read: decodeSubscribed,
    says: { epoch: 'e1', next: 41 },
  },
  {
    name: 'push',
    kind: 5,
    frames: encodePush(8, 14.5, batch([first, second], 0, 43)),
    read: decodePush,
    says: { batch: batch([first, second], 0, 43) },
  },
  {
    name: 'push-skipped',
    kind: 5,
    frames: encodePush(9, 14.5, batch([large], 2, 44)),
    read: decodePush,
    says: { batch: batch([large], 2, 44) },
  },
  {
    name: 'push-notice',
    kind: 5,
    frames: encodePush(8, 14.5, batch([], 0, 50)),
    read: decodePush,
    says: { batch: batch([], 0, 50) },
  },
  {
    name: 'push-end',
    kind: 5,
    frames: encodeEnd(8, 14.5, 'large'),
    read: (head, payloads) => decodePush(head, payloads).end,
    says: 'large',
  },
  {
    name: 'credit',
    kind: 6,
    frames: encodeCredit(8, { records: 6144, bytes: 9437184 }),
    read: decodeCredit,
    says: { records: 6144, bytes: 9437184 },
  },
  { name: 'ping', kind: 7, frames: encodePing(10), read: ({ call }) => call, says: 10 },
  {
    name: 'pong',
    kind: 8,
    frames: encodePong(10, { inS: 14.25, outS: 14.5, zeroS: 1000.5 }),
    read: decodePong,
    says: { inS: 14.25, outS: 14.5, zeroS: 1000.5 },
  },
]

describe('messages as docs/wire.md describes them', () => {
  test.each(golden)('$name', async ({ name, frames, kind, read, says }) => {
    const file = new URL(`../testdata/wire/${name}.hex`, import.meta.url)
    await expect(toText(frames)).toMatchFileSnapshot(file.pathname)
    const [head, ...payloads] = fromText(readFileSync(file, 'utf8'))
    expect(peekHead(head!)?.kind).toBe(kind)
    const told = read(decodeHead(head!), payloads)
    if (typeof says === 'object') expect(told).toMatchObject(says as object)
    else expect(told).toBe(says)
  })

  test('name every kind', () => {
    const kinds = new Set(golden.map(({ kind }) => kind))
    expect(Object.values(MessageKind).filter((kind) => kind !== MessageKind.GONE && !kinds.has(kind))).toEqual([])
  })
})

/** A paragraph a frame, 16 bytes a line. */
function toText(frames: readonly Uint8Array[]): string {
  const lines = (frame: Uint8Array) =>
    Buffer.from(frame)
      .toString('hex')
      .match(/.{1,32}/g)!
      .map(spaced)
  return `${frames.map((frame) => lines(frame).join('\n')).join('\n\n')}\n`
}

function spaced(hex: string): string {
  return hex.match(/../g)!.join(' ')
}

function fromText(text: string): Uint8Array[] {
  return text.split('\n\n').map((paragraph) => new Uint8Array(Buffer.from(paragraph.replaceAll(/\s/g, ''), 'hex')))
}

import type { Command, Reply, TopicRecord } from '@rmq/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCall, encodeCall } from '../src/wire/call-codec.ts'
import { decodeError, encodeError, encodeNotSpoken } from '../src/wire/error-codec.ts'
import { decodeHead, encodeHead, type Head, hasWireMagic, MessageKind, peekHead } from '../src/wire/head.ts'
import { decodeJson } from '../src/wire/json.ts'
import { fromPayloadFrames, OWN_FRAME_BYTES, toPayloadFrames } from '../src/wire/payload-frames.ts'
import { decodeReply, encodeReply } from '../src/wire/reply-codec.ts'

const payload = fc
  .oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: OWN_FRAME_BYTES - 2, max: OWN_FRAME_BYTES + 2 }))
  .map((length) => new Uint8Array(length).fill(length))
const key = { client: 'c', request: 7, floor: 3, server: 's' }

const decode = (head: Head, payloadFrames: Uint8Array[]) => decodeCall(head, decodeJson(head.meta), payloadFrames)

function overTheWire(command: Command): Command {
  const frames = encodeCall(9, command)
  return decode(decodeHead(frames[0]!), frames.slice(1))
}

describe('calls', () => {
  test.each<Command>([
    { op: 'list' },
    { op: 'describe', topic: 'ä\u0000/' },
    { op: 'status', topic: 't' },
    { op: 'peek', topic: 't', n: -1 },
    { op: 'pop', topic: 't', n: 3 },
    { op: 'pop', topic: 't', n: 3, key },
    { op: 'put', topic: 't', data: new Uint8Array(0) },
    { op: 'put', topic: 't', data: new Uint8Array(5000).fill(7), captureTimeS: 1.25, key },
    { op: 'request', topic: 't', data: Uint8Array.of(1, 2, 3), key },
  ])('$op', (command) => {
    expect(overTheWire(command)).toEqual(command)
  })

  test('a large payload travels as the very object', () => {
    const data = new Uint8Array(OWN_FRAME_BYTES)
    expect(encodeCall(1, { op: 'put', topic: 't', data })[1]).toBe(data)
  })

  test('an unknown command is UNSUPPORTED, unknown fields are ignored', () => {
    const call = (meta: object) => {
      const head = encodeHead({
        kind: MessageKind.CALL,
        call: 1,
        timeS: 0,
        received: 0,
        meta: JSON.stringify(meta),
        records: [],
      })
      return decode(decodeHead(head), [])
    }
    expect(() => call({ op: 'teleport', topic: 't' })).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
    expect(call({ op: 'status', topic: 't', color: 'red' })).toEqual({ op: 'status', topic: 't' })
  })
})

describe('replies', () => {
  test('records keep everything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ data: payload, timestampS: fc.double({ noNaN: true }), sequence: fc.maxSafeNat() })),
        (records) => {
          const command: Command = { op: 'peek', topic: 't', n: 0 }
          const withCapture: TopicRecord[] = records.map((record, index) =>
            index % 2 === 0 ? record : { ...record, captureTimeS: 4.5 },
          )
          const frames = encodeReply(3, 12.5, { epoch: 'e', records: withCapture })
          const head = decodeHead(frames[0]!)
          expect(head).toMatchObject({ call: 3, timeS: 12.5, kind: MessageKind.REPLY })
          expect(decodeReply(command, head, frames.slice(1))).toEqual({ epoch: 'e', records: withCapture })
        },
      ),
      { numRuns: 40 },
    )
  })

  test.each<[Command, Reply]>([
    [{ op: 'status', topic: 't' }, { count: -1 }],
    [
      { op: 'put', topic: 't', data: new Uint8Array(1) },
      { epoch: 'e', sequence: 5 },
    ],
    [
      { op: 'request', topic: 't', data: new Uint8Array(1) },
      { data: Uint8Array.of(1), timestampS: 2.5 },
    ],
    [
      { op: 'request', topic: 't', data: new Uint8Array(1) },
      { data: new Uint8Array(0), timestampS: 2.5 },
    ],
    [{ op: 'list' }, { topics: [] }],
  ])('%j', (command, reply) => {
    const frames = encodeReply(3, 1, reply)
    expect(decodeReply(command, decodeHead(frames[0]!), frames.slice(1))).toEqual(reply)
  })

  test('an infinite retention survives', () => {
    const retention = { messageRemainingTimeS: Number.POSITIVE_INFINITY, keepLast: 1, maxRecords: 2, maxBytes: 3 }
    const reply = { description: { name: 't' as never, kind: 'heap', epoch: 'e', retention } }
    const frames = encodeReply(3, 1, reply)
    expect(decodeReply({ op: 'describe', topic: 't' }, decodeHead(frames[0]!), [])).toEqual(reply)
  })

  test('errors keep code and message; versions are named where none is spoken', () => {
    const [head] = encodeError(4, 1, Object.assign(new Error('boom'), {}))
    expect(decodeError(decodeHead(head!))).toMatchObject({ code: 'REQUEST_FAILED', message: 'boom' })
    const [refusal] = encodeNotSpoken(4, 1, 9, 1)
    expect(decodeError(decodeHead(refusal!))).toMatchObject({
      code: 'VERSION_MISMATCH',
      message: expect.stringContaining('version 1'),
    })
  })
})

describe('payload frames', () => {
  test('large payloads alone, small ones together, empty runs not at all', () => {
    const sizes = (lengths: number[]) =>
      toPayloadFrames(lengths.map((length) => new Uint8Array(length))).map((frame) => frame.byteLength)
    expect(sizes([1, 2, 4096, 3, 5000, 6000, 0])).toEqual([3, 4096, 3, 5000, 6000])
    expect(sizes([0, 0])).toEqual([])
    expect(sizes([])).toEqual([])
  })

  test('frames that do not fit the lengths are refused', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 6 }), fc.array(payload, { maxLength: 6 }), (lengths, frames) => {
        try {
          const payloads = fromPayloadFrames(lengths, frames)
          expect(payloads.map(({ byteLength }) => byteLength)).toEqual(lengths)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'MALFORMED_MESSAGE' })
        }
      }),
    )
  })
})

test('random bytes behind the magic are read or refused', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 3 }),
      (tail, rest) => {
        const bytes = Buffer.concat([Buffer.from([0xf5, 0x52, 0x4d, 0x51, 1, 1]), tail])
        expect(hasWireMagic(bytes)).toBe(true)
        peekHead(bytes)
        try {
          decode(decodeHead(bytes), rest)
        } catch (thrown) {
          expect(['MALFORMED_MESSAGE', 'UNSUPPORTED']).toContain((thrown as { code?: string }).code)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

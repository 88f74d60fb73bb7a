import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame, topicText } from '../src/robotmq/frame.ts'
import { looksLikeReference, readRecordBlock, recordBlockBytes, writeRecordBlock } from '../src/robotmq/record-block.ts'

interface GoldenFrame {
  readonly file: string
  readonly topic?: string
  readonly cmd?: number
  readonly ts?: number
  readonly body_hex?: string
  readonly records?: { readonly ts: number; readonly hex: string }[]
}

const folder = new URL('../testdata/', import.meta.url)
const { frames } = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as { frames: GoldenFrame[] }

describe('frames that real peers wrote', () => {
  test.each(frames.filter(({ cmd }) => cmd !== undefined))('$file', ({ file, topic, cmd, ts, body_hex, records }) => {
    const bytes = readFileSync(new URL(file, folder))
    const parts = decodeFrame(bytes)
    expect(topicText(parts.topic)).toBe(topic)
    expect(parts.command).toBe(cmd)
    if (ts !== undefined && Number.isFinite(ts)) expect(parts.timestampS).toBeCloseTo(ts, 9)
    if (body_hex !== undefined) expect(Buffer.from(parts.body).toString('hex')).toBe(body_hex)
    expect(Buffer.from(encodeFrame(parts)).equals(bytes)).toBe(true)
    if (records === undefined) return
    const block = readRecordBlock(parts.body)
    expect(block.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(records.map(({ hex }) => hex))
    const written = new Uint8Array(recordBlockBytes(block))
    writeRecordBlock(written, 0, block)
    expect(Buffer.from(written).toString('hex')).toBe(body_hex)
  })
})

test('a frame survives its own coding, whatever it holds', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 255 }),
      fc.integer({ min: -128, max: 127 }),
      fc.double(),
      fc.uint8Array({ maxLength: 300 }),
      (topic, command, timestampS, body) => {
        const parts = decodeFrame(encodeFrame({ topic, command, timestampS, body }))
        expect([...parts.topic]).toEqual([...topic])
        expect(parts.command).toBe(command)
        expect(parts.timestampS).toBe(timestampS)
        expect([...parts.body]).toEqual([...body])
      },
    ),
  )
})

test('random bytes are read as a frame and a block, or refused as malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        for (const { data } of readRecordBlock(decodeFrame(bytes).body)) expect(data.byteLength).toBeLessThan(400)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'MALFORMED_MESSAGE' })
      }
    }),
    { numRuns: 2000 },
  )
})

test('a topic that is not UTF-8 has no text', () => {
  expect(topicText(Uint8Array.of(0xff, 0xfe))).toBeUndefined()
  expect(topicText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
})

test('the reference magic is seen only at the beginning', () => {
  expect(looksLikeReference(Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0b, 1))).toBe(true)
  expect(looksLikeReference(Uint8Array.of(0x0d, 0x0a, 0x0d))).toBe(false)
  expect(looksLikeReference(Uint8Array.of(0, 0x0d, 0x0a, 0x0d, 0x0b))).toBe(false)
})

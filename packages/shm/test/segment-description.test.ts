import { parseTopicName } from '@rmq/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDescription, type SegmentDescription, writeDescription } from '../src/segment-description.ts'
import { isSegmentName, segmentPath } from '../src/segment-path.ts'

const server = 'f'.repeat(32)

function describe(name: string, rest: Partial<SegmentDescription> = {}): SegmentDescription {
  return {
    name: parseTopicName(name),
    server,
    epoch: 'e'.repeat(32),
    zeroUs: -1_763_751_234_567_890.5,
    messageRemainingTimeS: Number.POSITIVE_INFINITY,
    maxRecords: 2 ** 22,
    group: 4_294_967_294,
    byReference: false,
    user: 4_294_967_294,
    pid: 4_194_304,
    timeNamespace: '4026531834',
    ...rest,
  }
}

test.each(['camera', 'a/b', 'ü"\\', '\u0000'.repeat(255), '"'.repeat(255), '🤖'.repeat(63), '__proto__'])(
  'topic %j is described within 1024 bytes',
  (name) => {
    const description = describe(name)
    const text = writeDescription(description)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024)
    expect(parseDescription(text, description)).toEqual(description)
  },
)

test('no text and no change of a field gets past, or makes anything but a typed refusal', () => {
  const description = describe('camera')
  const fields = JSON.parse(writeDescription(description)) as Record<string, unknown>
  const parse = (text: string) => {
    try {
      return parseDescription(text, description)
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: expect.stringMatching(/^(CORRUPT|VERSION_MISMATCH)$/) })
      return undefined
    }
  }
  const refused = (text: string) => void expect(parse(text)).toBeUndefined()
  fc.assert(fc.property(fc.string(), refused))
  fc.assert(fc.property(fc.json(), refused))
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(fields)), fc.jsonValue(), (field, value) => {
      const parsed = parse(JSON.stringify({ ...fields, [field]: value }))
      if (parsed !== undefined) expect(Object.keys(parsed).sort()).toEqual(Object.keys(description).sort())
    }),
    { numRuns: 2000, examples: [['version', { toString: null }]] },
  )
})

test('another topic, another server and another version are told apart', () => {
  const text = writeDescription(describe('camera'))
  const code = (code: string) => expect.objectContaining({ code })
  expect(() => parseDescription(text, describe('lidar'))).toThrow(code('CORRUPT'))
  expect(() => parseDescription(text, describe('camera', { server: 'other' }))).toThrow(code('CORRUPT'))
  const next = text.replace('"version":1', '"version":2')
  expect(() => parseDescription(next, describe('camera'))).toThrow(code('VERSION_MISMATCH'))
})

test('every topic of every server run has a file of its own, which the original robotmq does not clear', () => {
  const address = (server: string, name: string) => ({ server, name: parseTopicName(name) })
  const paths = [address('a', 'b'), address('ab', 'c'), address('a', 'bc'), address('1', '1:b')].map(segmentPath)
  expect(new Set(paths).size).toBe(paths.length)
  for (const path of paths) {
    expect(path).toMatch(/^\/dev\/shm\/rmq\.[0-9a-f]{32}$/)
    expect(isSegmentName(path.slice('/dev/shm/'.length))).toBe(true)
  }
  expect(isSegmentName(`${paths[0]!.slice('/dev/shm/'.length)}_mutex`)).toBe(false)
})

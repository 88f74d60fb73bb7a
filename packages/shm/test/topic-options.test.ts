import { RmqError } from '@rmq/core'
import { expect, test } from 'vitest'
import { parseTopicOptions } from '../src/topic-options.ts'

const GOOD = { messageRemainingTimeS: 10, capacityBytes: 2 ** 20 }

test('defaults are filled in', () => {
  expect(parseTopicOptions(GOOD)).toEqual({
    messageRemainingTimeS: 10,
    capacityBytes: 2 ** 20,
    maxRecords: 1024,
    participants: 64,
    group: undefined,
    byReference: true,
  })
})

test.each([
  [2 ** 10, 1024],
  [8 * 2 ** 20, 8192],
  [2 ** 30, 65_536],
])('%d bytes have room for %d records', (capacityBytes, maxRecords) => {
  expect(parseTopicOptions({ ...GOOD, capacityBytes }).maxRecords).toBe(maxRecords)
})

test('sizes in GiB are robotmq’s', () => {
  expect(parseTopicOptions({ messageRemainingTimeS: 1, sharedMemorySizeGb: 0.25 }).capacityBytes).toBe(2 ** 28)
  expect(parseTopicOptions({ messageRemainingTimeS: Infinity, sharedMemorySizeGb: 128 }).capacityBytes).toBe(2 ** 37)
})

test.each([
  ['options', undefined],
  ['options', null],
  ['messageRemainingTimeS', { ...GOOD, messageRemainingTimeS: 0 }],
  ['messageRemainingTimeS', { ...GOOD, messageRemainingTimeS: Number.NaN }],
  ['messageRemainingTimeS', { ...GOOD, messageRemainingTimeS: '10' }],
  ['sharedMemorySizeGb', { messageRemainingTimeS: 10 }],
  ['sharedMemorySizeGb', { ...GOOD, sharedMemorySizeGb: 1 }],
  ['sharedMemorySizeGb', { messageRemainingTimeS: 10, sharedMemorySizeGb: 0 }],
  ['sharedMemorySizeGb', { messageRemainingTimeS: 10, sharedMemorySizeGb: 129 }],
  ['sharedMemorySizeGb', { messageRemainingTimeS: 10, sharedMemorySizeGb: '1' }],
  ['capacityBytes', { ...GOOD, capacityBytes: 0 }],
  ['capacityBytes', { ...GOOD, capacityBytes: 1.5 }],
  ['capacityBytes', { ...GOOD, capacityBytes: 2 ** 38 }],
  ['maxRecords', { ...GOOD, maxRecords: 0 }],
  ['maxRecords', { ...GOOD, maxRecords: 2 ** 23 }],
  ['participants', { ...GOOD, participants: 0 }],
  ['participants', { ...GOOD, participants: 257 }],
  ['group', { ...GOOD, group: -1 }],
  ['group', { ...GOOD, group: 'video' }],
  ['byReference', { ...GOOD, byReference: 1 }],
])('a wrong %s is refused by name', (name, options) => {
  const refused = () => parseTopicOptions(options as never)
  expect(refused).toThrow(RmqError)
  expect(refused).toThrow(name)
  expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})

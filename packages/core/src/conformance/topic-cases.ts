import assert from 'node:assert/strict'
import { RmqError, type RmqErrorCode } from '../errors.ts'
import type { Message } from '../message.ts'
import type { Case, ConformanceSubject } from './subject.ts'

const KEPT = { messageRemainingTimeS: 60 }

export const topicCases: readonly Case[] = [
  [
    'a new topic is empty',
    [],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      assert.equal(await subject.getTopicStatus('t'), 0)
      assert.deepEqual(await subject.peekData('t', -1), [])
      assert.deepEqual(await subject.popData('t', 0), [])
    },
  ],
  [
    'an unknown topic is told, and made by nobody',
    [],
    async (subject) => {
      assert.equal(await subject.getTopicStatus('nope'), -1)
      await rejectsWith('TOPIC_NOT_FOUND', () => subject.peekData('nope', 1))
      await rejectsWith('TOPIC_NOT_FOUND', () => subject.popData('nope', 1))
      await rejectsWith('TOPIC_NOT_FOUND', async () => subject.putData('nope', bytes(1)))
      assert.equal(await subject.getTopicStatus('nope'), -1)
    },
  ],
  [
    'a topic exists once',
    ['limits'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      await rejectsWith('TOPIC_EXISTS', async () => subject.addTopic('t', KEPT))
    },
  ],
  [
    'peek returns the right records for every n and removes none',
    [],
    async (subject) => {
      await fill(subject, 5)
      for (let n = -7; n <= 7; n++) {
        assert.deepEqual(values(await subject.peekData('t', n)), expected([1, 2, 3, 4, 5], n), `n = ${n}`)
      }
      assert.equal(await subject.getTopicStatus('t'), 5)
    },
  ],
  [
    'pop removes exactly what it returns, for every n',
    ['exact pop'],
    async (subject) => {
      for (let n = -7; n <= 7; n++) {
        const topic = `t${n}`
        await fill(subject, 5, topic)
        const popped = values(await subject.popData(topic, n))
        assert.deepEqual(popped, expected([1, 2, 3, 4, 5], n), `n = ${n}`)
        const left = [1, 2, 3, 4, 5].filter((value) => !popped.includes(value))
        assert.deepEqual(values(await subject.peekData(topic, 0)), left, `left after n = ${n}`)
      }
    },
  ],
  [
    'records keep their bytes, whatever their size',
    [],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      for (const size of [1, 127, 128, 129, 4095, 4096, 65_537, 921_600, 3_000_000]) {
        const data = pattern(size)
        await subject.putData('t', data)
        const [newest] = await subject.peekData('t', -1)
        assert.equal(Buffer.compare(newest?.data ?? new Uint8Array(), data), 0, `${size} bytes`)
      }
      assert.equal((await subject.peekData('t', 0)).length, 9)
    },
  ],
  [
    'the putter may reuse its buffer, and the reader change its copy',
    [],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      const data = pattern(100_000)
      await subject.putData('t', data)
      const original = data.slice()
      data.fill(0)
      const [first] = await subject.peekData('t', -1)
      assert.equal(Buffer.compare(first?.data ?? new Uint8Array(), original), 0)
      first?.data.fill(1)
      const [second] = await subject.peekData('t', -1)
      assert.equal(Buffer.compare(second?.data ?? new Uint8Array(), original), 0)
    },
  ],
  [
    'sequences count from 1, times do not go back, the epoch stays',
    ['sequences'],
    async (subject) => {
      await fill(subject, 4)
      const messages = await subject.peekData('t', 0)
      assert.deepEqual(
        messages.map(({ sequence }) => sequence),
        [1, 2, 3, 4],
      )
      assert.ok(messages.every(({ timestampS }, index) => index === 0 || timestampS >= messages[index - 1]!.timestampS))
      assert.equal(new Set(messages.map(({ epoch }) => epoch)).size, 1)
      assert.ok(messages.every((message) => message.topic === 't' && message.ageS() >= -0.01 && message.ageS() < 30))
    },
  ],
  [
    'sequences go on after a pop',
    ['sequences', 'exact pop'],
    async (subject) => {
      await fill(subject, 3)
      await subject.popData('t', -1)
      await subject.putData('t', bytes(9))
      assert.deepEqual(
        (await subject.peekData('t', 0)).map(({ sequence }) => sequence),
        [1, 2, 4],
      )
    },
  ],
  [
    'the capture time travels with the record',
    ['sequences'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      await subject.putData('t', bytes(1), { captureTimeS: 12.5 })
      await subject.putData('t', bytes(2))
      assert.deepEqual(
        (await subject.peekData('t', 0)).map(({ captureTimeS }) => captureTimeS),
        [12.5, undefined],
      )
    },
  ],
  [
    'age is judged when reading',
    ['expiry on read'],
    async (subject) => {
      await subject.addTopic('t', { messageRemainingTimeS: 0.2 })
      await subject.putData('t', bytes(1))
      assert.equal(await subject.getTopicStatus('t'), 1)
      await until(async () => (await subject.getTopicStatus('t')) === 0)
      assert.deepEqual(await subject.peekData('t', 0), [])
      assert.deepEqual(await subject.popData('t', 0), [])
    },
  ],
  [
    'keepLast keeps the newest whatever their age',
    ['limits', 'expiry on read'],
    async (subject) => {
      await subject.addTopic('t', { messageRemainingTimeS: 0.05, keepLast: 2 })
      for (const value of [1, 2, 3, 4]) await subject.putData('t', bytes(value))
      await until(async () => (await subject.getTopicStatus('t')) === 2)
      assert.deepEqual(values(await subject.peekData('t', 0)), [3, 4])
    },
  ],
  [
    'maxRecords evicts the oldest',
    ['limits'],
    async (subject) => {
      await subject.addTopic('t', { ...KEPT, maxRecords: 3 })
      for (const value of [1, 2, 3, 4, 5]) await subject.putData('t', bytes(value))
      assert.deepEqual(values(await subject.peekData('t', 0)), [3, 4, 5])
    },
  ],
  [
    'maxBytes evicts the oldest and refuses a record that can never fit',
    ['limits'],
    async (subject) => {
      await subject.addTopic('t', { ...KEPT, maxBytes: 100 })
      for (const value of [1, 2, 3]) await subject.putData('t', bytes(value, 40))
      assert.deepEqual(values(await subject.peekData('t', 0)), [2, 3])
      await rejectsWith('MESSAGE_TOO_LARGE', async () => subject.putData('t', bytes(4, 101)))
      assert.deepEqual(values(await subject.peekData('t', 0)), [2, 3])
    },
  ],
  [
    'bad arguments are refused, and nothing else changes',
    [],
    async (subject) => {
      await fill(subject, 2)
      const wrong = [1.5, Number.NaN, 2 ** 31, '1', undefined, null] as number[]
      for (const n of wrong) await rejectsWith('INVALID_ARGUMENT', () => subject.peekData('t', n))
      for (const n of wrong) await rejectsWith('INVALID_ARGUMENT', () => subject.popData('t', n))
      await rejectsWith('INVALID_ARGUMENT', async () => subject.putData('t', new Uint8Array(0)))
      await rejectsWith('INVALID_ARGUMENT', async () => subject.putData('t', 'text' as never))
      await rejectsWith('INVALID_ARGUMENT', () => subject.peekData('', 1))
      await rejectsWith('INVALID_ARGUMENT', () => subject.peekData('x'.repeat(256), 1))
      assert.deepEqual(values(await subject.peekData('t', 0)), [1, 2])
    },
  ],
  [
    'topic names may be any text of 255 bytes',
    [],
    async (subject) => {
      for (const topic of ['a/b:c d', 'é'.repeat(127), '机器人', 'x'.repeat(255), '__proto__', 'a\u0000b']) {
        await fill(subject, 1, topic)
        assert.deepEqual(values(await subject.peekData(topic, -1)), [1], topic)
      }
    },
  ],
]

async function fill(subject: ConformanceSubject, count: number, topic = 't'): Promise<void> {
  await subject.addTopic(topic, KEPT)
  for (let value = 1; value <= count; value++) await subject.putData(topic, bytes(value))
}

/** A record that is told by its first byte. */
export function bytes(value: number, length = 8): Uint8Array {
  return new Uint8Array(length).fill(value)
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255)
}

export function values(messages: readonly Message[]): (number | undefined)[] {
  return messages.map(({ data }) => data[0])
}

function expected(all: number[], n: number): number[] {
  if (n === 0) return all
  return n > 0 ? all.slice(0, n) : all.slice(Math.max(all.length + n, 0))
}

export async function rejectsWith(code: RmqErrorCode, run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(RmqError.isInstance(error), `expected ${code}, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    return true
  })
}

export async function until(condition: () => Promise<boolean>, withinS = 10): Promise<void> {
  const end = performance.now() + withinS * 1000
  while (!(await condition())) {
    assert.ok(performance.now() < end, `not so within ${withinS} s: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

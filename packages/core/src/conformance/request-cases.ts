import assert from 'node:assert/strict'
import type { Case, ConformanceSubject } from './subject.ts'
import { bytes, rejectsWith, until } from './topic-cases.ts'

const KEPT = { messageRemainingTimeS: 60 }

export const requestCases: readonly Case[] = [
  [
    'a request is answered by its handler',
    ['requests'],
    async (subject) => {
      await subject.addTopic('r', KEPT)
      subject.onRequest?.('r', async (data) => Uint8Array.from(data, (value) => value + 1))
      assert.deepEqual(new Uint8Array(await request(subject, bytes(1, 3))), bytes(2, 3))
      assert.equal(await subject.getTopicStatus('r'), 0, 'requests are no records')
    },
  ],
  [
    'requests run side by side, each with its own answer',
    ['requests', 'parallel calls'],
    async (subject) => {
      await subject.addTopic('r', KEPT)
      const waiting: (() => void)[] = []
      subject.onRequest?.('r', async (data) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return data
      })
      const answers = Promise.all([1, 2, 3, 4].map((value) => request(subject, bytes(value))))
      await until(async () => waiting.length === 4)
      for (const resolve of waiting.reverse()) resolve()
      assert.deepEqual(
        (await answers).map((data) => data[0]),
        [1, 2, 3, 4],
      )
    },
  ],
  [
    'what a handler throws reaches the caller, and the next request is served',
    ['requests'],
    async (subject) => {
      await subject.addTopic('r', KEPT)
      subject.onRequest?.('r', async (data) => {
        if (data[0] === 1) throw new Error('the arm is not homed')
        return data
      })
      await assert.rejects(() => request(subject, bytes(1)), /the arm is not homed/)
      await rejectsWith('REQUEST_FAILED', () => request(subject, bytes(1)))
      assert.deepEqual(new Uint8Array(await request(subject, bytes(2))), bytes(2))
    },
  ],
  [
    'a request needs a topic and a payload',
    ['requests'],
    async (subject) => {
      await subject.addTopic('r', KEPT)
      await rejectsWith('TOPIC_NOT_FOUND', () => request(subject, bytes(1), 'nope'))
      await rejectsWith('INVALID_ARGUMENT', () => request(subject, new Uint8Array(0)))
    },
  ],
]

function request(subject: ConformanceSubject, data: Uint8Array, topic = 'r'): Promise<Uint8Array> {
  assert.ok(subject.requestWithData !== undefined, 'the subject must say that it lacks requests')
  return subject.requestWithData(topic, data)
}

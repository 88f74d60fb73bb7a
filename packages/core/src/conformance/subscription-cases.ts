import assert from 'node:assert/strict'
import type { Message } from '../message.ts'
import type { SubscribeOptions, Subscription } from '../subscription.ts'
import type { Case, ConformanceSubject } from './subject.ts'
import { bytes, rejectsWith, until, values } from './topic-cases.ts'

const KEPT = { messageRemainingTimeS: 60 }

export const subscriptionCases: readonly Case[] = [
  [
    'a subscription from the oldest gets every record in order, those to come too',
    ['subscriptions'],
    async (subject) => {
      await withRecords(subject, 3)
      const subscription = subscribe(subject, { from: 'oldest' })
      assert.deepEqual(values(await take(subscription, 3)), [1, 2, 3])
      const next = take(subscription, 2)
      await subject.putData('t', bytes(4))
      await subject.putData('t', bytes(5))
      const messages = await next
      assert.deepEqual(values(messages), [4, 5])
      assert.ok(messages.every(({ topic, lostBefore }) => topic === 't' && lostBefore === 0))
      assert.deepEqual(subscription.counts, { received: 5, lost: 0, skipped: 0 })
      subscription.close()
    },
  ],
  [
    'from: latest begins with the newest there is, new with the next, after behind a message',
    ['subscriptions'],
    async (subject) => {
      await withRecords(subject, 3)
      const [first] = await subject.peekData('t', 1)
      const subscriptions = [
        subscribe(subject, {}),
        subscribe(subject, { from: 'new' }),
        subscribe(subject, { from: { after: first! } }),
        subscribe(subject, { from: { after: { epoch: 'another life', sequence: 3 } } }),
      ]
      await Promise.all(subscriptions.map(({ ready }) => ready))
      await subject.putData('t', bytes(4))
      const expected = [[3, 4], [4], [2, 3, 4], [1, 2, 3, 4]]
      for (const [index, subscription] of subscriptions.entries()) {
        assert.deepEqual(values(await take(subscription, expected[index]!.length)), expected[index])
        subscription.close()
      }
    },
  ],
  [
    'policy latest leaves out all but the newest, and counts them',
    ['subscriptions'],
    async (subject) => {
      await withRecords(subject, 1)
      const subscription = subscribe(subject, { policy: 'latest' })
      assert.deepEqual(values(await take(subscription, 1)), [1])
      for (const value of [2, 3, 4, 5]) await subject.putData('t', bytes(value))
      const [newest] = await take(subscription, 1)
      assert.deepEqual([newest!.data[0], newest!.lostBefore], [5, 3])
      assert.deepEqual(subscription.counts, { received: 2, lost: 0, skipped: 3 })
      subscription.close()
    },
  ],
  [
    'what is popped by others before it was read is counted as lost',
    ['subscriptions', 'no read-ahead'],
    async (subject) => {
      await withRecords(subject, 2)
      const subscription = subscribe(subject, { from: 'oldest' })
      assert.deepEqual(values(await take(subscription, 1)), [1])
      await subject.popData('t', 0)
      await subject.putData('t', bytes(3))
      const [next] = await take(subscription, 1)
      assert.deepEqual([next!.data[0], next!.lostBefore], [3, 1])
      assert.deepEqual(subscription.counts, { received: 2, lost: 1, skipped: 0 })
      subscription.close()
    },
  ],
  [
    'a subscription in place shows each record until the next step',
    ['subscriptions'],
    async (subject) => {
      await withRecords(subject, 3)
      const seen: (number | undefined)[] = []
      let last: Message | undefined
      for await (const message of subscribe(subject, { from: 'oldest', inPlace: true })) {
        assert.equal(last?.data.byteLength ?? 0, 0, 'the record before has expired')
        assert.equal(message.data.byteLength, 8)
        last = message
        seen.push(message.data[0])
        if (seen.length === 3) break
      }
      assert.deepEqual(seen, [1, 2, 3])
      assert.equal(last?.data.byteLength, 0, 'break ends the last one too')
    },
  ],
  [
    'a signal ends a waiting subscription with its reason, close quietly',
    ['subscriptions'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      const controller = new AbortController()
      const subscription = subscribe(subject, { signal: controller.signal })
      await subscription.ready
      const pending = subscription.next()
      const reason = new Error('enough')
      controller.abort(reason)
      await assert.rejects(pending, (error) => error === reason)
      assert.deepEqual(await subscription.next(), { done: true, value: undefined })

      const closed = subscribe(subject, {})
      const waiting = closed.next()
      closed.close()
      assert.deepEqual(await waiting, { done: true, value: undefined })
      await assert.rejects(
        subscribe(subject, { signal: AbortSignal.abort(reason) }).next(),
        (error) => error === reason,
      )
    },
  ],
  [
    'a new epoch goes on with its oldest record, and what is over is not counted as lost',
    ['subscriptions'],
    async (subject) => {
      await withRecords(subject, 2)
      const subscription = subscribe(subject, { from: 'oldest' })
      const [first, second] = await take(subscription, 2)
      assert.equal(first!.epoch, second!.epoch)
      const next = take(subscription, 1)
      subject.resetStartTime?.(0)
      await subject.putData('t', bytes(3))
      const [third] = await next
      assert.deepEqual([third!.data[0], third!.sequence, third!.lostBefore], [3, 1, 0])
      assert.notEqual(third!.epoch, first!.epoch)
      assert.deepEqual(subscription.counts, { received: 3, lost: 0, skipped: 0 })
      subscription.close()
    },
  ],
  [
    'what others pop is either received or counted as lost',
    ['subscriptions'],
    async (subject) => {
      await withRecords(subject, 2)
      const subscription = subscribe(subject, { from: 'oldest' })
      await subject.popData('t', 0)
      await subject.putData('t', bytes(3))
      let messages: Message[] = []
      while (messages.at(-1)?.sequence !== 3) messages = [...messages, ...(await take(subscription, 1))]
      const { received, lost, skipped } = subscription.counts
      assert.equal(skipped, 0)
      assert.equal(received, messages.length)
      const began = messages[0]!.sequence - messages[0]!.lostBefore
      assert.equal(received + lost, 4 - began)
      subscription.close()
    },
  ],
  [
    'records of all sizes come in order, and none twice',
    ['subscriptions'],
    async (subject) => {
      await subject.addTopic('t', KEPT)
      const subscription = subscribe(subject, { from: 'oldest' })
      const sizes = [1, 100, 40_000, 7, 300_000, 2_000_000, 4096, 1]
      for (const size of sizes) await subject.putData('t', bytes(size & 255, size))
      const messages = await take(subscription, sizes.length)
      assert.deepEqual(
        messages.map(({ data }) => data.byteLength),
        sizes,
      )
      assert.ok(messages.every(({ data, lostBefore }) => data.at(-1) === (data.byteLength & 255) && lostBefore === 0))
      assert.deepEqual(subscription.counts, { received: sizes.length, lost: 0, skipped: 0 })
      subscription.close()
    },
  ],
  [
    'received and lost are what was published, however slow the reader is',
    ['subscriptions', 'no read-ahead'],
    async (subject) => {
      await subject.addTopic('t', { messageRemainingTimeS: 0.02 })
      const subscription = subscribe(subject, { from: 'new' })
      await subscription.ready
      for (let count = 1; count <= 300; count++) {
        await subject.putData('t', bytes(count & 255))
        // The reader sleeps through the life of some records.
        if (count % 100 === 50) await until(async () => (await subject.getTopicStatus('t')) === 0)
      }
      let received = 0
      let lostBefore = 0
      for (;;) {
        // Ends with a record that is certainly there.
        await subject.putData('t', bytes(0))
        const { value } = await subscription.next()
        received += 1
        lostBefore += value!.lostBefore
        assert.equal(value!.sequence, received + lostBefore)
        if (value!.sequence > 300) break
      }
      assert.ok(lostBefore > 0, 'some expired unread')
      subscription.close()
    },
  ],
  [
    'a topic that does not exist, and bad options, are refused',
    ['subscriptions'],
    async (subject) => {
      await rejectsWith('TOPIC_NOT_FOUND', () => subscribe(subject, {}, 'nope').next())
      await rejectsWith('TOPIC_NOT_FOUND', () => subscribe(subject, {}, 'nope').ready)
      await subject.addTopic('t', KEPT)
      for (const wrong of [
        { from: 'now' },
        { policy: 'some' },
        { spinUs: -1 },
        { spinUs: 201 },
        { from: { after: 3 } },
      ]) {
        await rejectsWith('INVALID_ARGUMENT', async () => subscribe(subject, wrong as SubscribeOptions))
      }
    },
  ],
]

function subscribe(subject: ConformanceSubject, options: SubscribeOptions, topic = 't'): Subscription {
  assert.ok(subject.subscribe, 'the subject can subscribe')
  return subject.subscribe(topic, options)
}

async function withRecords(subject: ConformanceSubject, count: number): Promise<void> {
  await subject.addTopic('t', KEPT)
  for (let value = 1; value <= count; value++) await subject.putData('t', bytes(value))
}

async function take(subscription: Subscription, count: number): Promise<Message[]> {
  const messages: Message[] = []
  while (messages.length < count) {
    const { done, value } = await subscription.next()
    assert.ok(!done, 'the subscription goes on')
    messages.push(value!)
  }
  return messages
}

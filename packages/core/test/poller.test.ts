import { type Message, type Pollable, poll, type RMQClient, type RMQServer } from '@rmq/core'
import { expect, onTestFinished, test } from 'vitest'
import { pair } from './support/subjects.ts'

const KEPT = { messageRemainingTimeS: 60 }
const bytes = (value: number) => new Uint8Array([value])

async function topics(...names: string[]): Promise<{ server: RMQServer; client: RMQClient }> {
  const made = await pair()
  onTestFinished(async () => {
    await made.client.close()
    await made.server.close()
  })
  for (const name of names) made.server.addTopic(name, KEPT)
  return made
}

const told = (polled: readonly [string, Message] | undefined) => polled && `${polled[0]} ${polled[1].data[0]}`

test('topics take turns: a full one does not hold up the others, and nothing is lost', async () => {
  const { server, client } = await topics('fast', 'slow')
  const fast = client.subscribe('fast', { from: 'oldest' })
  const slow = client.subscribe('slow', { from: 'oldest' })
  await Promise.all([fast.ready, slow.ready])
  const poller = poll({ fast, slow })
  expect(await poller.receive({ timeoutS: 0 })).toBeUndefined()
  for (let value = 1; value <= 5; value++) server.putData('fast', bytes(value))
  for (let value = 1; value <= 2; value++) server.putData('slow', bytes(value))
  expect(await Promise.all([fast.readable(), slow.readable()])).toEqual([true, true])
  const seen: string[] = []
  for await (const polled of poller) {
    seen.push(told(polled)!)
    if (seen.length === 7) break
  }
  expect(seen.filter((text) => text.startsWith('fast'))).toEqual([1, 2, 3, 4, 5].map((value) => `fast ${value}`))
  expect(seen.filter((text) => text.startsWith('slow'))).toEqual(['slow 1', 'slow 2'])
  expect(seen.indexOf('slow 2')).toBeLessThanOrEqual(4)
  await expect(poller.receive()).rejects.toMatchObject({ code: 'CLOSED' })
})

test('waits for whichever comes, of several clients too; a timeout loses nothing', async () => {
  const [left, right] = [await topics('t'), await topics('t')]
  const poller = poll({
    left: left.client.subscribe('t', { from: 'new' }),
    right: right.client.subscribe('t', { from: 'new' }),
  })
  expect(await poller.receive({ timeoutS: 0.01 })).toBeUndefined()
  const first = poller.receive()
  right.server.putData('t', bytes(1))
  expect(told(await first)).toBe('right 1')
  left.server.putData('t', bytes(2))
  expect(told(await poller.receive({ timeoutS: 5 }))).toBe('left 2')
  // One that came while nobody asked.
  expect(await poller.receive({ timeoutS: 0.01 })).toBeUndefined()
  left.server.putData('t', bytes(3))
  await expect.poll(() => left.client.getTopicStatus('t')).toBe(2)
  expect(told(await poller.receive({ timeoutS: 5 }))).toBe('left 3')
  poller.close()
})

test('with policy latest it is the newest at the time of the step', async () => {
  const { server, client } = await topics('t', 'other')
  const poller = poll({
    t: client.subscribe('t', { from: 'new', policy: 'latest' }),
    other: client.subscribe('other', { from: 'new' }),
  })
  expect(await poller.receive({ timeoutS: 0.01 })).toBeUndefined()
  for (let value = 1; value <= 3; value++) {
    server.putData('t', bytes(value))
    await expect.poll(() => client.getTopicStatus('t')).toBe(value)
  }
  expect(told(await poller.receive({ timeoutS: 5 }))).toBe('t 3')
  expect(await poller.receive({ timeoutS: 0.01 })).toBeUndefined()
  poller.close()
})

test('break ends the subscriptions, the signal rejects with its reason, the error of one ends all', async () => {
  const { server, client } = await topics('t')
  server.putData('t', bytes(1))
  const left = client.subscribe('t')
  for await (const _ of poll({ left })) break
  expect(await left.next()).toEqual({ done: true, value: undefined })

  const stop = new AbortController()
  const waiting = client.subscribe('t', { from: 'new' })
  const next = poll({ waiting }, { signal: stop.signal }).next()
  stop.abort('enough')
  await expect(next).rejects.toBe('enough')
  expect((await waiting.next()).done).toBe(true)

  const good = client.subscribe('t', { from: 'new' })
  const poller = poll({ good, bad: client.subscribe('none') })
  await expect(poller.next()).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
  expect((await poller.next()).done).toBe(true)
  expect((await good.next()).done).toBe(true)
})

test('ends when all have ended, and goes on while one is left', async () => {
  const { server, client } = await topics('a', 'b')
  const [a, b] = [client.subscribe('a', { from: 'new' }), client.subscribe('b', { from: 'new' })]
  await Promise.all([a.ready, b.ready])
  const poller = poll({ a, b })
  const next = poller.next()
  a.close()
  server.putData('b', bytes(1))
  expect(told((await next).value)).toBe('b 1')
  const last = poller.next()
  b.close()
  expect(await last).toEqual({ done: true, value: undefined })
})

test('polls whatever can be polled, and says so where there is nothing', async () => {
  const numbers: Pollable<number> = { nextNow: () => 7, readable: async () => true, close: () => {} }
  const [from, value] = (await poll({ numbers }).receive())!
  expect([from, value satisfies number]).toEqual(['numbers', 7])
  expect(() => poll({})).toThrow(/nothing to poll/)
  await expect(poll({ numbers }).receive({ timeoutS: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

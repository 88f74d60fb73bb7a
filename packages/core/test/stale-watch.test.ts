import {
  heapHome,
  inProcessTransport,
  LocalEngine,
  type Message,
  RMQClient,
  RMQServer,
  type StaleEvent,
} from '@rmq/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { StaleWatch } from '../src/stale-watch.ts'
import { pair } from './support/subjects.ts'

const message = (ageS: number) => ({ ageS: () => ageS }) as Message

test('asks a fast topic for its newest record a few times within the time, and no more often', async () => {
  let asked = 0
  async function* follow(signal: AbortSignal) {
    while (!signal.aborted) {
      asked += 1
      yield message(0)
    }
  }
  const events: StaleEvent[] = []
  const watch = new StaleWatch({ topic: 't', afterS: 0.4, follow, callback: (event) => events.push(event) })
  const began = performance.now()
  await vi.waitUntil(() => asked >= 8, 10_000)
  expect(performance.now() - began).toBeGreaterThan(650)
  expect(events).toEqual([])
  watch.close()
})

test('a record that was old when it came puts nothing off', async () => {
  async function* follow(signal: AbortSignal) {
    while (!signal.aborted) yield message(5)
  }
  const event = await new Promise<StaleEvent>((callback) => {
    const watch = new StaleWatch({ topic: 't', afterS: 0.1, follow, callback })
    onTestFinished(() => watch.close())
  })
  expect(event.stale).toBe(true)
  expect(event.silentS).toBeGreaterThanOrEqual(0.1)
})

test('no records travel while a topic is silent, and none with their bytes', async () => {
  const inner = inProcessTransport()
  const pushed: number[] = []
  let calls = 0
  const transport = {
    ...inner,
    async connect(...args: Parameters<typeof inner.connect>) {
      const link = await inner.connect(...args)
      const subscribe = link.subscribe.bind(link)
      const call = link.call.bind(link)
      link.call = (command, options) => {
        calls += 1
        return call(command, options)
      }
      link.subscribe = (request, sink, options) => {
        calls += 1
        const push: typeof sink.push = (batch) => {
          for (const { record } of batch.followed) pushed.push(record.data.byteLength)
          return sink.push(batch)
        }
        return subscribe(request, { begin: sink.begin, end: sink.end, push }, options)
      }
      return link
    },
  }
  const engine = new LocalEngine({ homes: [heapHome()], transports: [transport] })
  await using server = await RMQServer.bind('test', 'inproc://storm', { engine, logLevel: 6 })
  await using client = await RMQClient.connect('client', 'inproc://storm', { transports: [transport], logLevel: 6 })
  server.addTopic('camera', { messageRemainingTimeS: 60 })
  const events: StaleEvent[] = []
  client.onStale('camera', 0.2, (event) => events.push(event))
  await vi.waitUntil(() => events.length === 1, 10_000)
  for (let count = 0; count < 200; count++) server.putData('camera', new Uint8Array(100_000))
  await vi.waitUntil(() => events.length === 3, 10_000)
  expect(pushed.length).toBeLessThan(10)
  expect(new Set(pushed)).toEqual(new Set([0]))
  expect(calls).toBeLessThan(5)
})

test('what its callback throws is an error of the program, and the watch goes on', async () => {
  const { server, client } = await pair()
  server.addTopic('t', { messageRemainingTimeS: 60 })
  const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
  const listeners = process.listeners('uncaughtException').slice(0, -1)
  for (const listener of listeners) process.off('uncaughtException', listener)
  onTestFinished(() => {
    for (const listener of listeners) process.on('uncaughtException', listener)
  })
  let events = 0
  client.onStale('t', 0.05, () => {
    events += 1
    if (events === 1) throw new Error('the brake is stuck')
  })
  expect(String(await thrown)).toContain('the brake is stuck')
  await vi.waitUntil(() => {
    server.putData('t', new Uint8Array(1))
    return events >= 2
  }, 10_000)
  await client.close()
  await server.close()
})

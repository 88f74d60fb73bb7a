import { FaultProxy, type Faults } from '@rmq/faults'
import { RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { Child } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { NumberedPuts, numbered, numberOf, percentile } from './support/numbered.ts'
import { Reading } from './support/reading.ts'
import { until } from './support/until.ts'

const logLevel = RMQLogLevel.OFF
const KEPT = { messageRemainingTimeS: 60 }

async function listen(): Promise<RMQServer> {
  const server = await RMQServer.bind('server', await freshEndpoint('tcp'), { logLevel })
  onTestFinished(() => server.close())
  return server
}

async function link(target: string, faults: Faults = {}): Promise<FaultProxy> {
  const proxy = await FaultProxy.open(target, faults)
  onTestFinished(() => proxy.close())
  return proxy
}

async function connect(endpoint: string, disconnectAfterS = 3): Promise<{ client: RMQClient; events: string[] }> {
  const client = await RMQClient.connect('client', endpoint, { logLevel, disconnectAfterS })
  onTestFinished(() => client.close())
  const events: string[] = []
  client.on('connect', () => events.push('connect'))
  client.on('disconnect', () => events.push('disconnect'))
  return { client, events }
}

test('a subscription goes on where it was, however often the connection is reset', async () => {
  const server = await listen()
  server.addTopic('t', KEPT)
  const proxy = await link(server.endpoints[0]!)
  const { client, events } = await connect(proxy.endpoint)
  const reading = new Reading(client.subscribe('t', { from: 'new' }))
  await reading.subscription.ready
  const puts = new NumberedPuts(server, 't', 2000)
  for (let time = 1; time <= 3; time++) {
    const { length } = reading.numbers
    await until(() => reading.numbers.length > length + 100)
    proxy.reset()
    await until(() => events.filter((event) => event === 'connect').length === time)
  }
  const count = puts.stop()
  await until(() => reading.sum === count)
  expect(reading.numbers).toEqual(Array.from({ length: count }, (_, index) => index + 1))
  expect(reading.subscription.counts).toEqual({ received: count, lost: 0, skipped: 0 })
  expect(events).toEqual(['disconnect', 'connect', 'disconnect', 'connect', 'disconnect', 'connect'])
})

test('what left the topic while the link was dead is lost, counted and told; the link is given up in time', async () => {
  const server = await listen()
  server.addTopic('t', { messageRemainingTimeS: 0.2 })
  const proxy = await link(server.endpoints[0]!)
  const { client, events } = await connect(proxy.endpoint, 1)
  let dropped = 0
  client.on('drop', ({ lost }) => (dropped += lost))
  const reading = new Reading(client.subscribe('t', { from: 'new' }))
  await reading.subscription.ready
  const puts = new NumberedPuts(server, 't', 1000)
  await until(() => reading.numbers.length > 100)
  proxy.set({ blackHole: true })
  const pulledMs = performance.now()
  await until(() => events.includes('disconnect'))
  expect(performance.now() - pulledMs).toBeLessThan(1300)
  proxy.set({ blackHole: false })
  await until(() => events.includes('connect'))
  const { length } = reading.numbers
  await until(() => reading.numbers.length > length + 100)
  const count = puts.stop()
  await until(() => reading.sum === count)
  const { received, lost } = reading.subscription.counts
  expect(received).toBe(reading.numbers.length)
  expect(lost).toBeGreaterThan(0)
  expect(dropped).toBe(lost)
  expect(reading.lostBefore).toBe(lost)
})

test('by default a dead link is given up within 3 s', async () => {
  const server = await listen()
  const proxy = await link(server.endpoints[0]!)
  const { events } = await connect(proxy.endpoint)
  proxy.set({ blackHole: true })
  const pulledMs = performance.now()
  await until(() => events.includes('disconnect'))
  expect(performance.now() - pulledMs).toBeLessThan(3200)
})

test('a server that is killed and comes back is followed from its oldest record, and nothing counts as lost', async () => {
  const endpoint = await freshEndpoint('tcp')
  const start = async () => {
    const child = new Child('publisher.mjs', [endpoint, 't:64:500'])
    onTestFinished(() => child.kill())
    await child.line('listening ')
    return child
  }
  const first = await start()
  const { client, events } = await connect(endpoint)
  const reading = new Reading(client.subscribe('t', { from: 'new' }))
  await reading.subscription.ready
  first.tell('start')
  await until(() => reading.numbers.length > 50)
  await first.kill()
  await until(() => events.includes('disconnect'))
  const had = reading.numbers.length
  const second = await start()
  second.tell('start')
  await until(() => reading.numbers.length > had + 50)
  expect(reading.numbers.slice(had, had + 3)).toEqual([1, 2, 3])
  expect(reading.subscription.counts.lost).toBe(0)
  expect(events).toEqual(['disconnect', 'connect'])
})

test('a slow reader loses of its own oldest, and costs another one nothing', async () => {
  const server = await listen()
  server.addTopic('t', { ...KEPT, maxRecords: 200 })
  const [{ client: quick }, { client: slow }] = await Promise.all([
    connect(server.endpoints[0]!),
    connect(server.endpoints[0]!),
  ])
  const reading = new Reading(quick.subscribe('t', { from: 'new' }))
  const late = slow.subscribe('t', { from: 'new', bufferRecords: 50 })
  await Promise.all([reading.subscription.ready, late.ready])
  const count = 1000
  for (let number = 1; number <= count; number++) {
    server.putData('t', numbered(number))
    // Never more at once than the topic keeps: who reads loses nothing.
    if (number % 100 === 0) await until(() => reading.sum === number)
  }
  expect(reading.subscription.counts.lost).toBe(0)
  // The first ones were on their way, then comes what the topic still has.
  const numbers: number[] = []
  while (numbers.at(-1) !== count) {
    const { value } = await late.next()
    numbers.push(numberOf(value!))
    expect(numbers.length + late.counts.lost).toBeGreaterThanOrEqual(numberOf(value!))
  }
  expect(numbers.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  expect(numbers.length).toBeLessThanOrEqual(250 + 50)
  expect(late.counts).toEqual({ received: numbers.length, lost: count - numbers.length, skipped: 0 })
})

test('with policy latest a slow link carries the newest, and what is left out is counted', async () => {
  const server = await listen()
  server.addTopic('t', KEPT)
  const proxy = await link(server.endpoints[0]!, { bytesPerSecond: 2e6 })
  const { client } = await connect(proxy.endpoint)
  const reading = new Reading(client.subscribe('t', { from: 'new', policy: 'latest' }))
  await reading.subscription.ready
  // 10 MB/s where 2 pass.
  const puts = new NumberedPuts(server, 't', 100, 100_000)
  await until(() => reading.numbers.length > 30)
  const count = puts.stop()
  await until(() => reading.sum === count)
  expect(reading.numbers.at(-1)).toBe(count)
  expect(reading.subscription.counts).toMatchObject({ received: reading.numbers.length, lost: 0 })
  expect(reading.subscription.counts.skipped).toBeGreaterThan(reading.numbers.length)
  // Two records of 50 ms each are under way; a queue of all would be seconds by now.
  expect(percentile(reading.delaysMs.slice(10), 0.5)).toBeLessThan(400)
})

test('joints do not wait behind images on the same slow link', { timeout: 60_000 }, async () => {
  const child = new Child('publisher.mjs', [await freshEndpoint('tcp'), 'joints:64:1000', 'camera:2764800:30'])
  onTestFinished(() => child.kill())
  const proxy = await link(await child.line('listening '), { bytesPerSecond: 50e6 / 8 })
  const { client } = await connect(proxy.endpoint)
  const camera = new Reading(client.subscribe('camera', { from: 'new', policy: 'latest' }))
  const joints = new Reading(client.subscribe('joints', { from: 'new' }))
  await Promise.all([camera.subscription.ready, joints.subscription.ready])
  child.tell('start')
  await until(() => camera.numbers.length >= 5)
  child.tell('stop')
  const count = Number((await child.line('put joints ')).trim())
  await until(() => joints.sum === count)
  expect(joints.subscription.counts).toEqual({ received: count, lost: 0, skipped: 0 })
  // On one connection for both it is 920 ms.
  expect(percentile(joints.delaysMs.slice(100), 0.5)).toBeLessThan(50)
  expect(percentile(joints.delaysMs.slice(100), 0.9)).toBeLessThan(400)
})

test('a subscriber process that is stopped, and one that is killed, cost the others nothing', {
  timeout: 60_000,
}, async () => {
  const publisher = new Child('publisher.mjs', [await freshEndpoint('tcp'), 't:4000:200'])
  onTestFinished(() => publisher.kill())
  const endpoint = await publisher.line('listening ')
  const crowd = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const child = new Child('subscribers.mjs', [endpoint, 't', '10'])
      onTestFinished(() => child.kill())
      await child.line('ready')
      return child
    }),
  )
  const [stopped, killed, ...lively] = crowd
  publisher.tell('start')
  await Promise.all(crowd.map((child) => child.line('got ')))
  stopped!.process.kill('SIGSTOP')
  await killed!.kill()
  publisher.tell('memory')
  const before = Number(await publisher.line('memory '))
  let got = 0
  while (got < 10 * 400) got += Number((await lively[0]!.line('got ')).split(' ')[0])
  publisher.tell('memory')
  const grown = Number(await publisher.line('memory ')) - before
  publisher.tell('stop')
  const count = Number((await publisher.line('put t ')).trim())
  stopped!.process.kill('SIGCONT')
  for (const child of lively) {
    child.tell(`end ${count}`)
    expect(await child.line('sum ')).toBe(`${count * 10} 0`)
  }
  stopped!.tell(`end ${count}`)
  const [received, lost] = (await stopped!.line('sum ')).split(' ').map(Number)
  expect(received! + lost!).toBe(count * 10)
  // Ten subscribers that do not read may each hold back 8 MiB.
  expect(grown).toBeLessThan(150e6)
})

test('a call without resends tells what is known of it', async () => {
  const server = await listen()
  server.addTopic('t', KEPT)
  let taken = 0
  server.onRequest('t', () => {
    taken += 1
    return new Promise(() => {})
  })
  const proxy = await link(server.endpoints[0]!)
  const { client, events } = await connect(proxy.endpoint, 0.6)
  const once = { automaticResend: false, timeoutS: 20 } as const
  const sent = client.requestWithData('t', new Uint8Array(1), once)
  sent.catch(() => {})
  await until(() => taken === 1)
  proxy.set({ blackHole: true })
  await expect(sent).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  await until(() => events.includes('disconnect'))
  const unsent = { automaticResend: false, timeoutS: 0.05 } as const
  await expect(client.putData('t', new Uint8Array(1), unsent)).rejects.toMatchObject({ code: 'DISCONNECTED' })
  await expect(client.peekData('t', 1, unsent)).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(await client.getTopicStatus('t', 0.05)).toBe(-2)
  // One that may be sent again survives.
  const patient = client.putData('t', new Uint8Array(1))
  proxy.set({ blackHole: false })
  await patient
  expect(await client.getTopicStatus('t')).toBe(1)
})

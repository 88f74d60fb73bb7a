import { FaultProxy, type Faults } from '@rmq/faults'
import { RMQClient, RMQLogLevel, RMQServer, RmqError } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'
import { NumberedPuts } from './support/numbered.ts'
import { Reading } from './support/reading.ts'
import { until } from './support/until.ts'

const logLevel = RMQLogLevel.OFF
const RETENTION = { messageRemainingTimeS: 60 }

/** A server whose handler answers each number with itself and remembers how often it ran, behind a link with faults. */
async function setUp(faults: Faults = {}) {
  const server = await RMQServer.bind('server', await freshEndpoint('tcp'), { logLevel })
  onTestFinished(() => server.close())
  server.addTopic('echo', RETENTION)
  server.addTopic('joints', { messageRemainingTimeS: 1 })
  const ran = new Map<number, number>()
  server.onRequest('echo', ({ data }) => {
    ran.set(numberIn(data), (ran.get(numberIn(data)) ?? 0) + 1)
    return data
  })
  const proxy = await FaultProxy.open(server.endpoints[0]!, faults)
  onTestFinished(() => proxy.close())
  const client = await RMQClient.connect('client', proxy.endpoint, { logLevel })
  onTestFinished(() => client.close())
  const events: string[] = []
  client.on('connect', () => events.push('connect'))
  client.on('disconnect', () => events.push('disconnect'))
  return { server, proxy, client, ran, events }
}

/** Requests one after the other, some of them patient, some given up early. What is answered is their own number. */
class Asking {
  answered = 0
  readonly wrong: [asked: number, answered: number][] = []
  readonly codes = new Set<string>()
  #over = false
  readonly #done: Promise<unknown>

  /** @param patient how many ask until they are answered, @param hasty how many give up after 150 ms */
  constructor(client: RMQClient, next: { number: number }, patient: number, hasty: number) {
    const askers = Array.from({ length: patient + hasty }, async (_, index) => {
      while (!this.#over) await this.#ask(client, ++next.number, index < patient)
    })
    this.#done = Promise.all(askers)
  }

  async end(): Promise<void> {
    this.#over = true
    await this.#done
  }

  async #ask(client: RMQClient, number: number, patient: boolean): Promise<void> {
    const request = new Uint8Array(8)
    new DataView(request.buffer).setUint32(0, number, true)
    try {
      const options = patient ? { timeoutS: 0.2 } : { timeoutS: 0.15, automaticResend: false }
      const reply = numberIn(await client.requestWithData('echo', request, options))
      if (reply !== number) this.wrong.push([number, reply])
      this.answered++
    } catch (error) {
      if (!RmqError.isInstance(error) || patient) throw error
      this.codes.add(error.code)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function numberIn(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0, true)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('100 ms, stalls of 2 s and resets: requests run at most once and get their own reply, every record counts', async () => {
  const { server, proxy, client, ran, events } = await setUp({ delayS: 0.1, jitterS: 0.02 })
  const reading = new Reading(client.subscribe('joints', { from: 'new' }))
  await reading.subscription.ready
  const puts = new NumberedPuts(server, 'joints', 500)
  const next = { number: 0 }
  const asking = new Asking(client, next, 3, 3)
  for (let round = 1; round <= 2; round++) {
    const { length } = reading.numbers
    const { answered } = asking
    await until(() => reading.numbers.length > length + 100 && asking.answered > answered + 20)
    proxy.set({ blackHole: true })
    // The stall's length is what is tried.
    await pause(2000)
    proxy.set({ blackHole: false })
    const after = reading.numbers.length
    await until(() => reading.numbers.length > after + 100)
    const connected = () => events.filter((event) => event === 'connect').length
    const before = connected()
    proxy.reset()
    await until(() => connected() > before)
  }
  await asking.end()
  const count = puts.stop()
  await until(() => reading.sum === count)
  expect(reading.numbers.length).toBe(reading.subscription.counts.received)
  expect(reading.lostBefore).toBe(reading.subscription.counts.lost)
  expect(reading.numbers).toEqual([...new Set(reading.numbers)].sort((a, b) => a - b))
  expect(asking.wrong).toEqual([])
  expect(Math.max(...ran.values())).toBe(1)
  // Hasty ones that were given up: nobody knows whether they ran, and both is told apart from an answer.
  expect([...asking.codes].filter((code) => !['TIMEOUT', 'OUTCOME_UNKNOWN', 'DISCONNECTED'].includes(code))).toEqual([])
  expect(asking.codes.has('TIMEOUT')).toBe(true)
})

test('a black hole of 5 s: given up within 3 s, met again behind it, and every record and request counts', async () => {
  const { server, proxy, client, ran, events } = await setUp({ delayS: 0.005 })
  const reading = new Reading(client.subscribe('joints', { from: 'new' }))
  await reading.subscription.ready
  const puts = new NumberedPuts(server, 'joints', 500)
  const asking = new Asking(client, { number: 0 }, 3, 0)
  await until(() => reading.numbers.length > 100 && asking.answered > 50)
  proxy.set({ blackHole: true })
  const beganMs = performance.now()
  await until(() => events.includes('disconnect'))
  expect(performance.now() - beganMs).toBeLessThan(3200)
  await pause(5000 - (performance.now() - beganMs))
  proxy.set({ blackHole: false })
  const { length } = reading.numbers
  const { answered } = asking
  await until(() => reading.numbers.length > length + 100 && asking.answered > answered + 50)
  await asking.end()
  const count = puts.stop()
  await until(() => reading.sum === count)
  // The topic keeps a second: of the five, what left it meanwhile is lost, and no more.
  expect(reading.subscription.counts.lost).toBeGreaterThan(1000)
  expect(reading.lostBefore).toBe(reading.subscription.counts.lost)
  expect(asking.wrong).toEqual([])
  expect([...ran.values()].every((times) => times === 1)).toBe(true)
  expect(ran.size).toBe(asking.answered)
})

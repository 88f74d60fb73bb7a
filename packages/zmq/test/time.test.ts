import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RMQClient, RMQLogLevel, type StaleEvent, steadyClockUs } from '@rmq/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { type Child, startChild } from './support/child.ts'
import { freshEndpoint, temporaryFolder } from './support/endpoints.ts'
import { eventually } from './support/eventually.ts'
import { python, startPython, toBase64 } from './support/python.ts'
import { startServer } from './support/test-server.ts'

const program = fileURLToPath(new URL('./support/time-server.mjs', import.meta.url))
const nowS = () => steadyClockUs() / 1e6

interface Far {
  readonly client: RMQClient
  readonly child: Child
  ask<T>(order: string): Promise<T>
}

/** A server in a process of its own, whose steady clock is as many seconds ahead, and a client of it. */
async function startFar(aheadS: number, scheme: 'ipc' | 'tcp' = 'tcp'): Promise<Far> {
  const node = [process.execPath, program, freshEndpoint(scheme)]
  const [command, ...args] = aheadS === 0 ? node : ['unshare', '-T', '--monotonic', `${aheadS}`, ...node]
  const child = startChild(command!, args)
  const endpoint = JSON.parse(await child.line())
  const client = await connect(endpoint)
  const ask = async (order: string) => {
    child.send(order)
    return JSON.parse(await child.line())
  }
  return { client, child, ask }
}

async function connect(endpoint: string): Promise<RMQClient> {
  const client = await RMQClient.connect('client', endpoint, {
    transports: [zmqTransport()],
    logLevel: RMQLogLevel.OFF,
  })
  onTestFinished(() => client.close())
  return client
}

const canSkew = spawnSync('unshare', ['-T', '--monotonic', '1', 'true']).status === 0
if (!canSkew) {
  const text = 'skewed clocks: time namespaces need root and util-linux 2.36 (sudo apt-get install util-linux)'
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(`Not tested: ${text}`)
  console.warn(`SKIPPED: ${text}`)
}

describe.skipIf(!canSkew)('a server whose steady clock is another one', () => {
  test.each([5000, -4000])('is %d s ahead: ages, captures and deadlines are right on both sides', async (aheadS) => {
    const { client, ask } = await startFar(aheadS)
    const beforeS = nowS()
    const captureTimeS = await ask<number>('put 0.25')
    const putByS = nowS()
    const [message] = await client.peekData('t', -1, { maxAgeS: 20 })
    const { hostOffsetS, errorS, offsetS } = client.clock()
    expect(Math.abs(hostOffsetS - aheadS)).toBeLessThanOrEqual(errorS)
    expect(errorS).toBeLessThan(2)
    const putS = message!.timestampS - offsetS
    expect(putS).toBeGreaterThanOrEqual(beforeS - errorS)
    expect(putS).toBeLessThanOrEqual(putByS + errorS)
    expect(message!.captureTimeS).toBe(captureTimeS)
    // A time of this host, told as the server's host counts it.
    const found = await client.peekAt('t', putS - 0.25 + hostOffsetS, { toleranceS: 1 })
    expect(found?.captureTimeS).toBe(captureTimeS)
    await client.putData('t', new Uint8Array(8), { captureTimeS: nowS() + hostOffsetS })
    const [own] = await client.peekData('t', -1)
    expect(Math.abs(own!.captureTimeS! - hostOffsetS - nowS())).toBeLessThan(20)

    await client.requestWithData('r', Uint8Array.of(1), { deadlineS: 10 })
    const [[, remainingS]] = await ask<[[number, number]]>('run')
    expect(remainingS).toBeGreaterThan(0)
    expect(remainingS).toBeLessThanOrEqual(10)
  })

  test('two servers: a time of one leads to the record of the other', async () => {
    const [ahead, behind] = await Promise.all([startFar(5000), startFar(-4000)])
    await ahead.ask('put 0.1')
    await behind.ask('put 0.1')
    const [message] = await ahead.client.peekData('t', -1)
    const from = ahead.client.clock()
    const to = behind.client.clock()
    const timeS = message!.captureTimeS! - from.hostOffsetS + to.hostOffsetS
    expect((await behind.client.peekAt('t', timeS, { toleranceS: 20 }))?.sequence).toBe(1)
    expect(await behind.client.peekAt('t', message!.captureTimeS!, { toleranceS: 20 })).toBeUndefined()
  })
})

describe('a topic is told to be silent within the time', () => {
  const AFTER_S = 0.4

  test.each(['SIGKILL', 'SIGSTOP'] as const)('when its server gets %s', async (signal) => {
    const { client, child, ask } = await startFar(0)
    onTestFinished(() => void child.process.kill('SIGCONT'))
    const events: (StaleEvent & { atS: number })[] = []
    client.onStale('t', AFTER_S, (event) => events.push({ ...event, atS: nowS() }))
    await eventually(async () => {
      await ask('put 0')
      return events.at(-1)?.stale === false || (events.length === 0 && (await client.getTopicStatus('t')) > 20)
    }, 'a topic that is alive')
    const told = events.length
    await ask('put 0')
    const lastS = nowS()
    child.process.kill(signal)
    await eventually(() => events.length > told, 'told', 10_000)
    const { stale, silentS, atS } = events.at(-1)!
    expect(stale).toBe(true)
    expect(silentS).toBeGreaterThanOrEqual(AFTER_S)
    // The rest is what this machine's load takes.
    expect(atS - lastS).toBeLessThan(AFTER_S + 2)
    if (signal === 'SIGKILL') return
    child.process.kill('SIGCONT')
    await eventually(async () => {
      await ask('put 0')
      return events.at(-1)?.stale === false
    }, 'back')
  })
})

test('what came while the server was busy is not run where it was superseded, or is late', async () => {
  const { client, child, ask } = await startFar(0, 'ipc')
  const file = join(temporaryFolder(), 'free')
  child.send(`busy ${file}`)
  expect(await child.line()).toBe('"busy"')
  const outcome = (value: number, options: object) =>
    client.requestWithData('r', Uint8Array.of(value), { timeoutS: 30, ...options }).then(
      (data) => data[0],
      (error) => error.code,
    )
  const replaced = [1, 2].map((value) => outcome(value, { supersede: true }))
  const newest = outcome(3, { supersede: true })
  const late = outcome(4, { deadlineS: 0.1 })
  expect(await Promise.all([...replaced, late])).toEqual(['SUPERSEDED', 'SUPERSEDED', 'TIMEOUT'])
  writeFileSync(file, '')
  expect(await newest).toBe(3)
  expect(await child.line()).toBe('"free"')
  expect(await ask('run')).toEqual([[3, null]])
})

test('a deadline ends the resends to a server that is gone', async () => {
  const { client, child } = await startFar(0)
  child.process.kill('SIGKILL')
  await child.exit
  const began = nowS()
  const call = client.requestWithData('r', Uint8Array.of(1), { timeoutS: 0.05, deadlineS: 0.3 })
  await expect(call).rejects.toMatchObject({ code: expect.stringMatching(/^(TIMEOUT|DISCONNECTED|OUTCOME_UNKNOWN)$/) })
  expect(nowS() - began).toBeGreaterThan(0.25)
})

test('a wall clock that jumps by an hour changes no age, expires nothing and is no silence', async () => {
  const { server, endpoint } = await startServer(freshEndpoint())
  server.addTopic('short', { messageRemainingTimeS: 600 })
  const client = await connect(endpoint)
  server.putData('short', new Uint8Array(8))
  const [before] = await client.peekData('short', -1)
  const events: StaleEvent[] = []
  client.onStale('short', 60, (event) => events.push(event))
  const real = Date.now
  const answered: number[] = []
  server.onRequest('t', async (request, context) => {
    answered.push(context.remainingS())
    return request.data
  })
  for (const aheadMs of [3_600_000, -3_600_000]) {
    vi.spyOn(Date, 'now').mockImplementation(() => real() + aheadMs)
    onTestFinished(() => void vi.restoreAllMocks())
    const [message] = await client.peekData('short', -1, { maxAgeS: 300 })
    for (const { ageS } of [before!, message!]) {
      expect(ageS()).toBeGreaterThan(-1)
      expect(ageS()).toBeLessThan(300)
    }
    expect((await server.peekData('short', -1))[0]!.ageS()).toBeLessThan(300)
    await client.requestWithData('t', new Uint8Array(1), { deadlineS: 300 })
    expect(Math.abs(client.clock().hostOffsetS)).toBeLessThan(5)
  }
  expect(answered.every((remainingS) => remainingS > 0 && remainingS <= 300)).toBe(true)
  expect(events).toEqual([])
})

describe.skipIf(python === undefined)("towards robotmq's server", () => {
  test('the clock is known, silence is told, and what it cannot do is said', async () => {
    const endpoint = freshEndpoint()
    const server = await startPython('server', endpoint)
    onTestFinished(() => server.kill())
    await server.ask({ op: 'addTopic', topic: 't', seconds: 60 })
    const client = await connect(endpoint)
    const put = () => server.ask({ op: 'put', topic: 't', data: toBase64(new Uint8Array(8)) })
    await put()
    const [message] = await client.peekData('t', -1, { maxAgeS: 20 })
    expect(message!.ageS()).toBeGreaterThan(-1)
    const { offsetS, hostOffsetS, errorS } = client.clock()
    expect([Number.isFinite(offsetS), hostOffsetS, errorS < 5]).toEqual([true, Number.NaN, true])
    const events: StaleEvent[] = []
    client.onStale('t', 0.5, (event) => events.push(event))
    await eventually(() => events.length === 1, 'silence', 10_000)
    await eventually(async () => {
      await put()
      return events.length > 1
    }, 'back')
    for (const call of [
      client.peekAt('t', 1),
      client.peekAligned(['t'], { toleranceS: 1 }),
      client.requestWithData('t', new Uint8Array(1), { supersede: true }),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    }
  })
})

import { existsSync } from 'node:fs'
import { type Message, RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { describe, expect, test } from 'vitest'
import { Child } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { segmentsOf } from './support/shared-memory-files.ts'
import { until } from './support/until.ts'

const logLevel = RMQLogLevel.OFF

async function started(endpoint: string, ...args: string[]): Promise<Child> {
  const server = new Child('shared-server.mjs', [endpoint, ...args])
  await server.line('listening ')
  return server
}

async function placeOf(client: RMQClient): Promise<string> {
  return (await client.describe('t')).place!.path
}

/** What a program of `shared-server.mjs` wrote into a record. */
function requireWhole({ data, sequence }: Message): void {
  expect(new DataView(data.buffer, data.byteOffset).getUint32(0, true)).toBe(sequence)
  expect(data.subarray(4).every((byte) => byte === (sequence & 255))).toBe(true)
}

test('a subscription goes on when its server is killed while it puts, and accounts for every record', async () => {
  const endpoint = await freshEndpoint('ipc')
  let server = await started(endpoint, 'forever')
  const client = await RMQClient.connect('client', endpoint, { logLevel })
  const subscription = client.subscribe('t', { from: 'new' })
  let { value: message } = await subscription.next()
  let accounted = message!.sequence
  for (let life = 1; life <= 5; life++) {
    const { epoch } = message!
    while (accounted < 3000 || message!.epoch !== epoch) {
      ;({ value: message } = await subscription.next())
      requireWhole(message!)
      if (message!.epoch !== epoch) break
      accounted += 1 + message!.lostBefore
      expect(message!.sequence).toBe(accounted)
    }
    await server.kill()
    server = await started(endpoint, 'forever')
    // What the dead server had put comes first.
    for (;;) {
      ;({ value: message } = await subscription.next())
      requireWhole(message!)
      if (message!.epoch !== epoch) break
      accounted += 1 + message!.lostBefore
      expect(message!.sequence).toBe(accounted)
    }
    accounted = 1 + message!.lostBefore
    expect(message!.sequence).toBe(accounted)
  }
  await client.close()
  await server.kill()
})

test('a server killed in the middle of a loan leaves whole records only, and nothing behind', async () => {
  const endpoint = await freshEndpoint('ipc')
  const server = await started(endpoint, '5', 'loan')
  await server.line('in the middle of a put')
  const client = await RMQClient.connect('client', endpoint, { logLevel })
  const place = await placeOf(client)
  const view = client.view('t')!
  const lost = new Promise<void>((resolve) => client.on('disconnect', resolve))
  await server.kill()
  await lost
  expect(view.sequence).toBe(5)
  requireWhole(view)
  view.release()
  // The last one to let go of a dead server's segment removes it.
  await until(() => !existsSync(place) && !existsSync(`${place}_mutex`))
  await client.close()
})

test('what a reader held when it was killed is given back, and the writer goes on meanwhile', async () => {
  const endpoint = await freshEndpoint('ipc')
  const server = await RMQServer.bind('server', endpoint, { logLevel })
  server.addSharedMemoryTopic('t', { messageRemainingTimeS: 60, capacityBytes: 2 ** 20 })
  const large = new Uint8Array(200_000).fill(1)
  server.putData('t', large)
  const reader = new Child('shared-client.mjs', [endpoint, 'view'])
  await reader.line('viewing 200000')
  for (let put = 0; put < 100; put++) server.putData('t', large)
  await reader.kill()
  for (let put = 0; put < 100; put++) server.putData('t', large)
  // What was pinned is free again: a record that needs nearly all there is fits.
  const whole = new Uint8Array(1_000_000).fill(2)
  await until(() => {
    try {
      server.putData('t', whole)
      return true
    } catch {
      return false
    }
  })
  expect((await server.peekData('t', -1))[0]!.data).toEqual(whole)
  await server.close()
})

describe('the system’s shared memory is left as it was found', () => {
  test.each(['close', 'exit', 'throw'])('by a server that ends by %s', async (end) => {
    const endpoint = await freshEndpoint('ipc')
    const server = new Child('shared-server.mjs', [endpoint, '10', end])
    await server.line('put 10')
    await server.exited
    expect(segmentsOf(server.process.pid!)).toEqual([])
  })

  test('by a server that was killed, once another one starts', async () => {
    const killed = await started(await freshEndpoint('ipc'), '10', 'wait')
    await killed.line('put 10')
    const [segment] = segmentsOf(killed.process.pid!)
    expect(segment).toBeDefined()
    await killed.kill()
    const next = await started(await freshEndpoint('ipc'), '10', 'close')
    await next.line('put 10')
    await next.exited
    expect(existsSync(segment!)).toBe(false)
    expect(existsSync(`${segment}_mutex`)).toBe(false)
  })
})

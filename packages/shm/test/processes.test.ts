import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { type Peer, startPeer } from './support/peer.ts'
import { attachTopic, bytes, createTopic, freshAddress, KEPT, MIB } from './support/topics.ts'

const STAMP = { timestampS: 0 }

async function attachedPeer(address: object): Promise<Peer> {
  const peer = startPeer()
  expect(await peer.call('attach', { ...address })).toBe(true)
  return peer
}

test('what one process puts, another reads', async () => {
  const store = createTopic()
  const peer = await attachedPeer(store.address)
  expect(await peer.call('put', { byteLength: 1000, value: 7 })).toMatchObject({ sequence: 1 })
  expect(store.read(0)).toMatchObject([{ sequence: 1, data: bytes(7, 1000) }])
  expect(await peer.call('describe')).toEqual(JSON.parse(JSON.stringify(store.description)))
})

test.each([{ inPlace: false }, { inPlace: true }])(
  'readers that are lapped account for every record, none torn (in place: $inPlace)',
  { timeout: 60_000 },
  async ({ inPlace }) => {
    const store = createTopic({ ...KEPT, maxRecords: 64 })
    const writers = await Promise.all([attachedPeer(store.address), attachedPeer(store.address)])
    const readers = await Promise.all([attachedPeer(store.address), attachedPeer(store.address)])
    for (const reader of readers) await reader.call('follow', { from: 'new' })
    const consumed = readers.map((reader) => reader.call<Account>('consume', { inPlace }))
    for (const writer of writers) await writer.call('flood', { byteLength: 30_000 })
    await eventually(() => store.status().published > 20_000, '20,000 records', 40_000)
    for (const writer of writers) await writer.call('stopFlood')
    const { published } = store.status()
    store.close()
    for (const { torn, outOfOrder, lost, counts } of await Promise.all(consumed)) {
      expect({ torn, outOfOrder }).toEqual({ torn: 0, outOfOrder: 0 })
      expect(counts.received + counts.lost + counts.skipped).toBe(published)
      expect(counts.lost).toBeGreaterThanOrEqual(lost)
      expect(counts.received).toBeGreaterThan(0)
    }
  },
)

interface Account {
  readonly torn: number
  readonly outOfOrder: number
  readonly lost: number
  readonly counts: { readonly received: number; readonly lost: number; readonly skipped: number }
}

test('processes wake each other, a thousand times', { timeout: 60_000 }, async () => {
  const store = createTopic()
  const peer = await attachedPeer(store.address)
  await peer.call('follow', { from: 'new' })
  const consumed = peer.call<Account>('consume')
  const follower = store.follow('new')
  const echo = await attachedPeer(store.address)
  for (let count = 0; count < 500; count++) {
    const waited = follower.wait({ spinUs: 0 })
    await echo.call('put', { byteLength: 64, value: count })
    await waited
    follower.next()
  }
  store.close()
  expect((await consumed).counts).toEqual({ received: 500, lost: 0, skipped: 0 })
})

test('a reader is woken within milliseconds, not by the timer', { timeout: 60_000 }, async () => {
  const store = createTopic()
  const peer = await attachedPeer(store.address)
  await peer.call('follow', { from: 'new' })
  const latencies: number[] = []
  for (let round = 0; round < 51; round++) {
    const woken = peer.call<number>('wait')
    // Until it sleeps: the next line is answered after the wait has begun.
    await peer.call('status')
    const atUs = Number(process.hrtime.bigint() / 1000n)
    store.append(bytes(1), STAMP)
    latencies.push((await woken) - atUs)
    await peer.call('follow', { from: 'new' })
  }
  latencies.sort((a, b) => a - b)
  expect(latencies[25]).toBeLessThan(5000)
})

test('a process that waits uses no CPU', { timeout: 60_000 }, async () => {
  const store = createTopic()
  const peer = await attachedPeer(store.address)
  await peer.call('follow', { from: 'new' })
  const shares: number[] = []
  for (let round = 0; round < 3; round++) shares.push(await peer.call('idleCpu', { forMs: 5000 }))
  expect(Math.min(...shares)).toBeLessThan(0.002)
})

test('an attached process ends by itself when nothing waits, and stays while something does', async () => {
  const store = createTopic()
  const peer = await attachedPeer(store.address)
  await peer.call('follow', { from: 'new' })
  const woken = peer.call('wait')
  await peer.call('status')
  peer.endInput()
  store.append(bytes(1), STAMP)
  await woken
  expect(await peer.exit).toBe(0)
})

test('a wait that was given up holds nothing', async () => {
  const store = createTopic()
  const peer = await attachedPeer(store.address)
  await peer.call('follow', { from: 'new' })
  await peer.call('idleCpu', { forMs: 1 })
  peer.endInput()
  expect(await peer.exit).toBe(0)
})

test('a writer killed with a loan open neither stops nor wakes a reader', async () => {
  const store = createTopic()
  const reader = await attachedPeer(store.address)
  await reader.call('follow', { from: 'new' })
  const consumed = reader.call<Account>('consume')
  const writer = await attachedPeer(store.address)
  await writer.call('loan', { byteLength: 100_000 })
  await writer.kill()
  store.append(bytes(1), STAMP)
  await eventually(() => attachTopic(store.address).status().published === 1, 'the put')
  store.close()
  expect((await consumed).counts).toEqual({ received: 1, lost: 0, skipped: 0 })
})

test('a reader that is stopped holds no writer up', async () => {
  const store = createTopic()
  const reader = await attachedPeer(store.address)
  await reader.call('follow', { from: 'new' })
  const consumed = reader.call<Account>('consume')
  reader.signal('SIGSTOP')
  const started = performance.now()
  for (let count = 0; count < 1000; count++) store.append(bytes(count % 256, 10_000), STAMP)
  expect(performance.now() - started).toBeLessThan(2000)
  reader.signal('SIGCONT')
  store.close()
  const { counts, torn } = await consumed
  expect(torn).toBe(0)
  expect(counts.received + counts.lost).toBe(1000)
})

test('leases and loans of a killed process are given back, and a record as large as the memory fits again', async () => {
  const store = createTopic()
  for (let value = 0; value < 16; value++) store.append(bytes(value, 10_000), STAMP)
  const holder = await attachedPeer(store.address)
  await holder.call('lease', { count: 8 })
  await holder.call('loan', { byteLength: 200_000 })
  const large = bytes(1, MIB - 4096)
  expect(() => store.append(large, STAMP)).toThrow(expect.objectContaining({ code: 'NO_SPACE' }))
  await holder.kill()
  // The creator looks for the dead once a second.
  await eventually(() => {
    try {
      return store.append(large, STAMP) > 0
    } catch {
      return false
    }
  }, 'room for the record')
})

test.each(['exit', 'fail'])('a server that ends by %s leaves nothing, and wakes who waits', async (end) => {
  const address = freshAddress()
  const server = startPeer()
  await server.call('create', { ...address, options: KEPT })
  const guest = attachTopic(address)
  const follower = guest.follow('new')
  const path = guest.description.place!.path
  expect(existsSync(path)).toBe(true)
  const waited = follower.wait({ spinUs: 0 })
  await server.call(end, { code: 3 }).catch(() => {})
  await server.exit
  await waited
  expect(guest.ended).toBe(true)
  expect(existsSync(path)).toBe(false)
  expect(existsSync(`${path}_mutex`)).toBe(false)
})

test('the memory of a killed server goes with the last who had it attached', async () => {
  const address = freshAddress()
  const server = startPeer()
  await server.call('create', { ...address, options: KEPT })
  await server.call('put', { byteLength: 10, value: 3 })
  const [first, second] = [attachTopic(address), attachTopic(address)]
  const { path } = first.description.place!
  await server.kill()
  expect(first.ended).toBe(false)
  expect(first.read(0)).toMatchObject([{ data: bytes(3, 10) }])
  first.close()
  expect(existsSync(path)).toBe(true)
  second.close()
  expect(existsSync(path)).toBe(false)
  expect(existsSync(`${path}_mutex`)).toBe(false)
})

test('a server that starts removes what killed ones left', async () => {
  const address = freshAddress()
  const killed = startPeer()
  await killed.call('create', { ...address, options: KEPT })
  await killed.call('follow', { from: 'new' })
  await killed.call('startWaiting')
  const { place } = await killed.call<{ place: { path: string } }>('describe')
  await killed.kill()
  expect(existsSync(place.path)).toBe(true)
  const next = startPeer()
  const other = freshAddress()
  await next.call('create', { ...other, options: KEPT })
  expect(existsSync(place.path)).toBe(false)
  await next.call('close')
})

test('readers and writers under kill -9 lose nothing and freeze nobody', { timeout: 60_000 }, async () => {
  const store = createTopic({ ...KEPT, maxRecords: 256 })
  const reader = await attachedPeer(store.address)
  await reader.call('follow', { from: 'new' })
  const consumed = reader.call<Account>('consume')
  for (let round = 0; round < 10; round++) {
    const [writer, victim] = await Promise.all([attachedPeer(store.address), attachedPeer(store.address)])
    await victim.call('follow', { from: 'new' })
    void victim.call('consume', { inPlace: true }).catch(() => {})
    await writer.call('flood', { byteLength: 5000 })
    const target = store.status().published + 500
    await eventually(() => store.status().published > target, 'a flood')
    await Promise.all([writer.kill(), victim.kill()])
    store.append(bytes(1), STAMP)
  }
  const { published } = store.status()
  store.close()
  const { torn, outOfOrder, counts } = await consumed
  expect({ torn, outOfOrder, all: counts.received + counts.lost }).toEqual({ torn: 0, outOfOrder: 0, all: published })
})

import { Worker } from 'node:worker_threads'
import type { TopicFollower } from '@rmq/core'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { attachTopic, bytes, createTopic, KEPT, withCode } from './support/topics.ts'

const STAMP = { timestampS: 0 }

function drain(follower: TopicFollower): number[] {
  const sequences: number[] = []
  for (let followed = follower.next(); followed !== undefined; followed = follower.next()) {
    sequences.push(followed.record.sequence)
  }
  return sequences
}

/** Whether a promise is settled after what was already under way. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  promise.then(
    () => (settled = true),
    () => (settled = true),
  )
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  return settled
}

test('where a follower begins', () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  const early = (['latest', 'new', 'oldest', 0] as const).map((from) => guest.follow(from))
  for (let value = 1; value <= 4; value++) store.append(bytes(value), STAMP)
  const late = (['latest', 'new', 'oldest', 0, 2, 4] as const).map((from) => guest.follow(from))
  store.append(bytes(5), STAMP)
  expect(early.map(drain)).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ])
  expect(late.map(drain)).toEqual([[4, 5], [5], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [3, 4, 5], [5]])
  for (const from of [-1, 1.5, Number.NaN]) expect(() => guest.follow(from)).toThrow(withCode('INVALID_ARGUMENT'))
})

test('oldest and latest begin at what can be read, not at what was taken', () => {
  const store = createTopic()
  for (let value = 1; value <= 5; value++) store.append(bytes(value), STAMP)
  store.take(2)
  store.take(-1)
  const [oldest, latest] = [store.follow('oldest'), store.follow('latest')]
  expect(drain(oldest)).toEqual([3, 4])
  expect(drain(latest)).toEqual([4])
  expect(oldest.counts).toEqual({ received: 2, lost: 1, skipped: 0 })
})

test('every record is received, lost or skipped', () => {
  const store = createTopic({ maxRecords: 8 })
  const follower = store.follow('new')
  for (let value = 1; value <= 20; value++) store.append(bytes(value), STAMP)
  expect(follower.next()).toMatchObject({ record: { sequence: 13, data: bytes(13) }, lost: 12 })
  expect(follower.next()).toMatchObject({ record: { sequence: 14 }, lost: 0 })
  store.take(1)
  follower.skipToNewest()
  expect(follower.next()).toMatchObject({ record: { sequence: 20 }, lost: 0 })
  expect(follower.next()).toBeUndefined()
  expect(follower.counts).toEqual({ received: 3, lost: 12, skipped: 5 })
})

test('what expired before it was read counts as lost', async () => {
  const store = createTopic({ messageRemainingTimeS: 0.05 })
  const follower = store.follow('new')
  for (let value = 1; value <= 3; value++) store.append(bytes(value), STAMP)
  await eventually(() => store.count === 0, 'expiry')
  expect(follower.next()).toBeUndefined()
  store.append(bytes(4), STAMP)
  expect(follower.next()).toMatchObject({ record: { sequence: 4 }, lost: 3 })
  expect(follower.counts).toEqual({ received: 1, lost: 3, skipped: 0 })
})

test('records in place are leases; without a free one nothing is skipped', () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  for (let value = 1; value <= 20; value++) store.append(bytes(value), STAMP)
  const follower = guest.follow('oldest')
  const leases = Array.from({ length: 16 }, () => follower.nextInPlace()!.record)
  expect(leases.map(({ data }) => data[0])).toEqual(Array.from({ length: 16 }, (_, index) => index + 1))
  expect(() => follower.nextInPlace()).toThrow(withCode('LEASE_LIMIT'))
  expect(() => follower.nextInPlace()).toThrow(withCode('LEASE_LIMIT'))
  leases[0]!.release()
  expect(follower.nextInPlace()).toMatchObject({ record: { sequence: 17 }, lost: 0 })
  for (const lease of leases) lease.release()
  expect(follower.nextInPlace()).toMatchObject({ record: { sequence: 18 } })
})

test('a wait ends when there is a record, at once when there is one already', async () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  const follower = guest.follow('new')
  for (let value = 1; value <= 50; value++) {
    const waited = follower.wait({ spinUs: 0 })
    if (value % 10 === 0) expect(await isSettled(waited)).toBe(false)
    store.append(bytes(value), STAMP)
    await waited
    expect(follower.next()).toMatchObject({ record: { sequence: value } })
  }
  store.append(bytes(1), STAMP)
  await follower.wait({ spinUs: 0 })
})

test('followers of one topic wait for different records, and each is woken for its own', async () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  const waits = [0, 1, 2, 3, 4].map((after) => guest.follow(after).wait({ spinUs: 0 }))
  const other = createTopic()
  const elsewhere = attachTopic(other.address).follow('new').wait({ spinUs: 0 })
  for (const [index, wait] of waits.entries()) {
    expect(await isSettled(wait)).toBe(false)
    store.append(bytes(index), STAMP)
    await wait
  }
  expect(await isSettled(elsewhere)).toBe(false)
  other.append(bytes(1), STAMP)
  await elsewhere
})

test('a wait rejects with the signal’s reason, and the others wait on', async () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  const follower = guest.follow('new')
  const reason = new Error('enough')
  const abort = new AbortController()
  const aborted = follower.wait({ spinUs: 0, signal: abort.signal })
  const stays = follower.wait({ spinUs: 0 })
  abort.abort(reason)
  await expect(aborted).rejects.toBe(reason)
  await expect(follower.wait({ spinUs: 0, signal: abort.signal })).rejects.toBe(reason)
  expect(await isSettled(stays)).toBe(false)
  store.append(bytes(1), STAMP)
  await stays
})

test('closing the follower, or the store, ends its waits', async () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  const [first, second] = [guest.follow('new'), guest.follow('new')]
  const [firstWait, secondWait] = [first.wait({ spinUs: 0 }), second.wait({ spinUs: 0 })]
  first.close()
  await expect(firstWait).rejects.toThrow(withCode('CLOSED'))
  await expect(first.wait({ spinUs: 0 })).rejects.toThrow(withCode('CLOSED'))
  expect(() => first.next()).toThrow(withCode('CLOSED'))
  expect(first.counts).toEqual({ received: 0, lost: 0, skipped: 0 })
  expect(await isSettled(secondWait)).toBe(false)
  guest.close()
  await expect(secondWait).rejects.toThrow(withCode('CLOSED'))
  await expect(second.wait({ spinUs: 0 })).rejects.toThrow(withCode('CLOSED'))
})

test('the end of the topic wakes who waits, and ends each wait that follows', async () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  const follower = guest.follow('new')
  const own = store.follow('new').wait({ spinUs: 0 })
  const waited = follower.wait({ spinUs: 0 })
  store.reset('second')
  await waited
  await own
  expect(guest.ended).toBe(true)
  expect(follower.next()).toBeUndefined()
  await follower.wait({ spinUs: 0 })
})

test('the last records before the end are still received', async () => {
  const store = createTopic()
  const follower = attachTopic(store.address).follow('new')
  store.append(bytes(1), STAMP)
  store.close()
  await follower.wait({ spinUs: 0 })
  expect(drain(follower)).toEqual([1])
})

test('spinning is bounded, and finds what comes meanwhile', async () => {
  const store = createTopic()
  const follower = store.follow('new')
  for (const spinUs of [-1, 201, Number.NaN, '5']) {
    await expect(follower.wait({ spinUs: spinUs as number })).rejects.toThrow(withCode('INVALID_ARGUMENT', 'spinUs'))
  }
  for (let value = 1; value <= 100; value++) {
    store.append(bytes(value), STAMP)
    await follower.wait({ spinUs: 200 })
    follower.next()
  }
  const waited = follower.wait({ spinUs: 200 })
  expect(await isSettled(waited)).toBe(false)
  store.append(bytes(1), STAMP)
  await waited
})

test('worker threads follow, wake and are woken as processes are', async () => {
  const store = createTopic()
  const text = `
    const { workerData, parentPort } = require('node:worker_threads')
    import(workerData.module).then(async ({ sharedMemoryHome }) => {
      const store = sharedMemoryHome().attach(workerData.address)
      const follower = store.follow('new')
      parentPort.postMessage('ready')
      for (let count = 0; count < 100; count++) {
        await follower.wait({ spinUs: 0 })
        const { record } = follower.next()
        if (record.sequence !== 2 * count + 1) throw new Error('lost')
        store.append(record.data, {})
        follower.next()
      }
      store.close()
      parentPort.postMessage('done')
    })`
  const module = new URL('../dist/index.js', import.meta.url).href
  const worker = new Worker(text, { eval: true, workerData: { module, address: store.address } })
  onTestFinished(() => void worker.terminate())
  const failed = new Promise((_, reject) => worker.on('error', reject))
  const message = () => Promise.race([failed, new Promise((resolve) => worker.once('message', resolve))])
  expect(await message()).toBe('ready')
  const follower = store.follow('new')
  const done = message()
  for (let count = 0; count < 100; count++) {
    store.append(bytes(count), STAMP)
    follower.next()
    await follower.wait({ spinUs: 0 })
    expect(follower.next()).toMatchObject({ record: { sequence: 2 * count + 2, data: bytes(count) }, lost: 0 })
  }
  expect(await done).toBe('done')
})

test('a terminated worker leaves its place', async () => {
  const store = createTopic({ ...KEPT, participants: 2 })
  const text = `
    const { workerData, parentPort } = require('node:worker_threads')
    import(workerData.module).then(({ sharedMemoryHome }) => {
      const store = sharedMemoryHome().attach(workerData.address)
      store.append(new Uint8Array(8), {})
      globalThis.kept = [store.lease(), store.lease().data, store.loan(10)]
      store.follow('new').wait({ spinUs: 0 })
      parentPort.postMessage('ready')
    })`
  const module = new URL('../dist/index.js', import.meta.url).href
  for (let round = 0; round < 5; round++) {
    const worker = new Worker(text, { eval: true, workerData: { module, address: store.address } })
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
  }
  expect(attachTopic(store.address).count).toBe(5)
})

import { existsSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { startPeer } from './support/peer.ts'
import { bellOf, readWord, WORD, writeWord } from './support/segment-file.ts'
import { attachTopic, bytes, createTopic, KEPT, withCode } from './support/topics.ts'

const STAMP = { timestampS: 0 }

test('a writer stopped inside a put stalls the others for a quarter of a second, and is named', async () => {
  const store = createTopic()
  const peer = startPeer()
  await peer.call('attach', { ...store.address })
  const loan = store.loan(100)
  const other = store.loan(100)
  loan.bytes.fill(4)
  // The creator has the first place, the peer the second; the lock holds the number of the place, from 1.
  writeWord(store, WORD.LOCK, 2)
  const started = performance.now()
  expect(() => store.append(bytes(1), STAMP)).toThrow(withCode('STALLED', String(peer.pid)))
  expect(performance.now() - started).toBeLessThan(2000)
  expect(() => loan.commit(100, {})).toThrow(withCode('STALLED', String(peer.pid)))
  expect(() => store.loan(100)).toThrow(withCode('STALLED'))
  other.discard()
  expect(store.read(0)).toEqual([])
  writeWord(store, WORD.LOCK, 0)
  expect(loan.commit(100, {})).toBe(1)
  expect(store.append(bytes(1), STAMP)).toBe(2)
  expect(store.read(1)).toMatchObject([{ data: bytes(4, 100) }])
})

test('a writer killed inside a put is taken over from', async () => {
  const store = createTopic()
  const peer = startPeer()
  await peer.call('attach', { ...store.address })
  writeWord(store, WORD.LOCK, 2)
  await peer.kill()
  expect(store.append(bytes(1), STAMP)).toBe(1)
})

test('a segment that was found damaged refuses everything, typed', async () => {
  const store = createTopic()
  store.append(bytes(1), STAMP)
  const follower = store.follow('oldest')
  writeWord(store, WORD.POISON, 1)
  for (const use of [
    () => store.append(bytes(1), STAMP),
    () => store.read(0),
    () => store.lease(),
    () => store.loan(1),
    () => store.readInto(-1, new Uint8Array(10)),
    () => follower.next(),
  ]) {
    expect(use, String(use)).toThrow(withCode('CORRUPT', 'Restart'))
  }
})

test('nothing is armed unless somebody waits', async () => {
  const store = createTopic()
  const guest = attachTopic(store.address)
  const [first, second] = [new AbortController(), new AbortController()]
  const wait = (signal: AbortSignal) => guest.follow('new').wait({ spinUs: 0, signal })
  const waits = [wait(first.signal), wait(second.signal)]
  expect(readWord(store, WORD.ARMED)).toBe(2)
  first.abort()
  expect(readWord(store, WORD.ARMED)).toBe(2)
  second.abort()
  expect(readWord(store, WORD.ARMED)).toBe(0)
  for (const waited of waits) await expect(waited).rejects.toThrow('abort')

  const follower = guest.follow('new')
  const closed = follower.wait({ spinUs: 0 })
  expect(readWord(store, WORD.ARMED)).toBe(2)
  follower.close()
  expect(readWord(store, WORD.ARMED)).toBe(0)
  await expect(closed).rejects.toThrow(withCode('CLOSED'))

  const woken = guest.follow('new').wait({ spinUs: 0 })
  store.append(bytes(1), STAMP)
  await woken
  expect(readWord(store, WORD.ARMED)).toBe(0)
})

test('a put whose ring never comes is seen all the same', async () => {
  const store = createTopic()
  const peer = startPeer()
  await peer.call('attach', { ...store.address })
  const follower = store.follow('new')
  const waited = follower.wait({ spinUs: 0 })
  // As if the writer were killed between its put and its ring: it finds no bell.
  rmSync(bellOf(store, 0))
  await peer.call('put', { byteLength: 10 })
  await waited
  expect(follower.next()).toMatchObject({ record: { sequence: 1 } })
})

test('the bell is there while a topic was waited for, and goes with it', async () => {
  const store = createTopic()
  const guests = [attachTopic(store.address), attachTopic(store.address)]
  const waits = guests.map((guest) => guest.follow('new').wait({ spinUs: 0 }))
  const [bell, same] = [bellOf(store, 1), bellOf(store, 2)]
  expect(same).toBe(bell)
  store.append(bytes(1), STAMP)
  await Promise.all(waits)
  guests[0]!.close()
  expect(existsSync(bell)).toBe(true)
  guests[1]!.close()
  expect(existsSync(bell)).toBe(false)
  const again = attachTopic(store.address).follow('new').wait({ spinUs: 0 })
  store.append(bytes(1), STAMP)
  await again
})

test('the server buries who was killed while it waited: place and bell are free again', async () => {
  const store = createTopic({ ...KEPT, participants: 2 })
  for (let round = 0; round < 3; round++) {
    const peer = startPeer()
    await peer.call('attach', { ...store.address })
    await peer.call('follow', { from: 'new' })
    await peer.call('startWaiting')
    const bell = bellOf(store, 1)
    expect(existsSync(bell)).toBe(true)
    await peer.kill()
    await eventually(() => !existsSync(bell), 'the bell’s burial')
  }
})

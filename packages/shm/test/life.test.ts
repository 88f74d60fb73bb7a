import { RmqError, StartTime } from '@rmq/core'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { attachTopic, bytes, createTopic, filledTopic, freshAddress, valuesOf, withCode } from './support/topics.ts'

test('onAppend tells of puts by anyone, survives a reset, and stops', async () => {
  const { store, guest } = filledTopic(0)
  let calls = 0
  const stop = guest.onAppend(() => {
    calls += 1
  })
  store.append(bytes(1), { timestampS: 0 })
  await eventually(() => calls === 1, 'a first call')
  guest.append(bytes(2), { timestampS: 0 })
  await eventually(() => calls === 2, 'a second call')
  store.reset('second')
  guest.reset('second')
  store.append(bytes(3), { timestampS: 0 })
  await eventually(() => calls === 3, 'a call in the next epoch')
  stop()
  const other = guest.follow('new').wait({ spinUs: 0 })
  store.append(bytes(4), { timestampS: 0 })
  await other
  expect(calls).toBe(3)
})

test('a reset begins anew: no records, sequence 1, another clock, and who was attached sees the end', () => {
  const clock = new StartTime()
  const store = createTopic({}, freshAddress(), clock)
  const [guest, stranger] = [attachTopic(store.address), attachTopic(store.address)]
  store.append(bytes(1), { timestampS: 0 })
  clock.reset(0)
  store.reset('second')
  expect(store.ended).toBe(false)
  expect(guest.ended).toBe(true)
  expect(valuesOf(guest.read(0))).toEqual([1])
  expect(() => guest.append(bytes(2), { timestampS: 0 })).toThrow(withCode('CLOSED', 'epoch'))
  expect(() => guest.loan(5)).toThrow(withCode('CLOSED'))
  expect(store.read(0)).toEqual([])

  guest.reset('second')
  expect(guest.ended).toBe(false)
  expect(guest.description).toEqual(store.description)
  expect(guest.description.epoch).toBe('second')
  expect(guest.append(bytes(7), { timestampS: 0 })).toBe(1)
  expect(store.read(1)[0]!.timestampS).toBeCloseTo(Date.now() / 1000, 0)
  expect(store.clock.nowS()).toBeCloseTo(Date.now() / 1000, 0)
  expect(stranger.description.epoch).toBe('first')
})

test('an attachment that cannot follow to the next epoch yet waits for it with the old one', () => {
  const { store, guest } = filledTopic(1)
  store.close()
  guest.reset('second')
  expect(guest.ended).toBe(true)
  expect(guest.description.epoch).toBe('first')
  const next = createTopic({}, store.address)
  next.reset('third')
  guest.reset('third')
  expect(guest.ended).toBe(false)
  expect(guest.append(bytes(1), { timestampS: 0 })).toBe(1)
})

test('the end of the topic is seen by all, who may read on', () => {
  const { store, guest } = filledTopic(2)
  store.close()
  store.close()
  expect(store.ended).toBe(true)
  expect(guest.ended).toBe(true)
  expect(valuesOf(guest.take(1))).toEqual([1])
  expect(valuesOf([guest.lease()!])).toEqual([2])
  expect(() => guest.append(bytes(1), { timestampS: 0 })).toThrow(withCode('CLOSED'))
  expect(() => attachTopic(store.address)).toThrow('no such topic')
  guest.close()
  guest.close()
})

test('a closed store refuses everything, typed', () => {
  const { guest } = filledTopic(2)
  const lease = guest.lease()!
  const unseen = guest.lease()!
  const loan = guest.loan(10)
  const follower = guest.follow('oldest')
  const { data } = lease
  guest.close()
  const uses: readonly (() => unknown)[] = [
    () => guest.append(bytes(1), { timestampS: 0 }),
    () => guest.read(0),
    () => guest.take(0),
    () => guest.refer!(0, false),
    () => guest.readInto(-1, new Uint8Array(8)),
    () => guest.lease(),
    () => guest.loan(1),
    () => guest.follow('new'),
    () => guest.status(),
    () => guest.count,
    () => guest.onAppend(() => {}),
    () => guest.reset('x'),
    () => loan.commit(1, {}),
    () => follower.next(),
    () => follower.nextInPlace(),
  ]
  for (const use of uses) expect(use, String(use)).toThrow(withCode('CLOSED'))
  guest.reject(1)
  // What was held in place stays until it is released.
  expect(data.byteLength).toBe(8)
  expect(unseen.data.byteLength).toBe(8)
  lease.release()
  unseen.release()
  expect(data.byteLength).toBe(0)
  loan.discard()
  follower.close()
  expect(guest.description.epoch).toBe('first')
})

test('two topics of one name in one server are refused', () => {
  const store = createTopic()
  expect(() => createTopic({}, store.address)).toThrow(withCode('TOPIC_EXISTS'))
  store.append(bytes(1), { timestampS: 0 })
  expect(attachTopic(store.address).count).toBe(1)
})

test('more participants than places are told so', () => {
  const store = createTopic({ participants: 2 })
  attachTopic(store.address)
  expect(() => attachTopic(store.address)).toThrow(withCode('NO_SPACE', 'participants'))
})

test('more memory than there is says how much is missing', () => {
  expect(() => createTopic({ sharedMemorySizeGb: 128 })).toThrow(withCode('NO_SPACE', '--shm-size'))
})

test('an error is one of ours', () => {
  const { guest } = filledTopic(0)
  guest.close()
  try {
    guest.read(0)
    expect.unreachable()
  } catch (thrown) {
    expect(RmqError.isInstance(thrown)).toBe(true)
  }
})

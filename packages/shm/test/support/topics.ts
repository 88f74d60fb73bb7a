import { closeSync, constants, existsSync, openSync, readdirSync } from 'node:fs'
import { parseTopicName, randomId, type SharedTopicStore, StartTime, type TopicAddress } from '@rmq/core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { createSharedMemoryTopic, type SharedMemoryTopicOptions, sharedMemoryHome } from '../../src/index.ts'
import { segmentPath } from '../../src/segment-path.ts'
import { eventually } from './eventually.ts'

const paths = new Set<string>()
let bellsBefore: readonly string[] = []

beforeAll(() => {
  bellsBefore = bells()
})

// Whatever the tests of a file did to processes: nothing of theirs stays.
afterAll(async () => {
  await eventually(() => leftovers().length === 0, 'an empty /dev/shm').catch(() => {
    throw new Error(`Left in shared memory: ${leftovers().join(', ')}`)
  })
})

function leftovers(): string[] {
  const files = [...paths].flatMap((path) => [path, `${path}_mutex`]).filter((path) => existsSync(path))
  return [...files, ...bells().filter((name) => !bellsBefore.includes(name) && isDead(name))]
}

function bells(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('rmqbell-'))
}

function isDead(bell: string): boolean {
  try {
    closeSync(openSync(`/dev/shm/${bell}`, constants.O_WRONLY | constants.O_NONBLOCK))
    return false
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENXIO'
  }
}

export const MIB = 2 ** 20
export const KEPT: SharedMemoryTopicOptions = { messageRemainingTimeS: 60, capacityBytes: MIB }

/** A topic of a server that nobody else has; its memory is looked for when the tests are over. */
export function freshAddress(name = 'camera'): TopicAddress {
  const address = { name: parseTopicName(name), server: randomId() }
  paths.add(segmentPath(address))
  return address
}

/** Closed when the test ends. */
export function createTopic(
  options: Partial<SharedMemoryTopicOptions> = {},
  address: TopicAddress = freshAddress(),
  clock: StartTime = new StartTime(),
): SharedTopicStore & { readonly address: TopicAddress } {
  const { capacityBytes: _, ...rest } = KEPT
  const whole = options.sharedMemorySizeGb === undefined ? { ...KEPT, ...options } : { ...rest, ...options }
  const store = createSharedMemoryTopic({ ...address, epoch: 'first', clock }, whole)
  onTestFinished(() => store.close())
  return Object.assign(store, { address })
}

/** Closed when the test ends. */
export function attachTopic(address: TopicAddress): SharedTopicStore {
  const store = sharedMemoryHome().attach(address)
  if (store === undefined) throw new Error('There is no such topic.')
  onTestFinished(() => store.close())
  return store
}

/** Bytes that all tell the same number. */
export function bytes(value: number, byteLength = 8): Uint8Array {
  return new Uint8Array(byteLength).fill(value)
}

/** A topic with the records 1, 2 … count, each `byteLength` bytes of its number, and another attachment to it. */
export function filledTopic(count: number, options: Partial<SharedMemoryTopicOptions> = {}, byteLength = 8) {
  const store = createTopic(options)
  for (let value = 1; value <= count; value++) store.append(bytes(value, byteLength), { timestampS: 0 })
  return { store, guest: attachTopic(store.address) }
}

/** The first byte of each record, which tells them apart. */
export function valuesOf(records: readonly { readonly data: Uint8Array }[]): (number | undefined)[] {
  return records.map(({ data }) => data[0])
}

/** Matches an error by its code, and by a part of its text. */
export function withCode(code: string, text = ''): Error {
  return expect.objectContaining({ code, message: expect.stringContaining(text) })
}

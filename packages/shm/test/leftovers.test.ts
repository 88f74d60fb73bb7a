import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { clearSharedMemory } from '../src/index.ts'
import { startPeer } from './support/peer.ts'
import { attachTopic, bytes, createTopic, freshAddress, KEPT } from './support/topics.ts'

/** @returns the file of a server's topic, and what kills the server */
async function doomedTopic(): Promise<readonly [path: string, kill: () => Promise<void>]> {
  const server = startPeer()
  await server.call('create', { ...freshAddress(), options: KEPT })
  await server.call('put', { byteLength: 10 })
  const { place } = await server.call<{ place: { path: string } }>('describe')
  return [place.path, () => server.kill()]
}

test('clearSharedMemory removes what nobody holds, and nothing else', async () => {
  const used = createTopic()
  used.append(bytes(1), { timestampS: 0 })
  const robotmqs = '/dev/shm/rmq_test_1_server_topic'
  const strange = `/dev/shm/rmq.${'e'.repeat(32)}`
  for (const path of [robotmqs, strange]) {
    writeFileSync(path, 'not one of ours', { mode: 0o600 })
    onTestFinished(() => rmSync(path, { force: true }))
  }
  const doomed = [await doomedTopic(), await doomedTopic()]
  for (const [, kill] of doomed) await kill()
  expect(clearSharedMemory()).toBeGreaterThanOrEqual(2)
  for (const [path] of doomed) {
    expect(existsSync(path)).toBe(false)
    expect(existsSync(`${path}_mutex`)).toBe(false)
  }
  expect(existsSync(robotmqs)).toBe(true)
  expect(existsSync(strange)).toBe(true)
  expect(attachTopic(used.address).read(0)).toMatchObject([{ data: bytes(1) }])
})

test('a segment that a living client alone holds is in use', async () => {
  const server = startPeer()
  const address = freshAddress()
  await server.call('create', { ...address, options: KEPT })
  const guest = attachTopic(address)
  await server.kill()
  const { path } = guest.description.place!
  clearSharedMemory()
  expect(existsSync(path)).toBe(true)
  expect(existsSync(`${path}_mutex`)).toBe(true)
})

test('the bell of a process that was killed before anything named it goes with the rest', async () => {
  const bell = `/dev/shm/rmqbell-${'e'.repeat(32)}`
  execFileSync('mkfifo', ['-m', '600', bell])
  onTestFinished(() => rmSync(bell, { force: true }))
  clearSharedMemory()
  expect(existsSync(bell), 'its owner may be about to open it').toBe(true)
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(bell, longAgo, longAgo)
  clearSharedMemory()
  expect(existsSync(bell)).toBe(false)
})

test('the bell of a living process stays', async () => {
  const store = createTopic()
  const waited = store.follow('new').wait({ spinUs: 0 })
  clearSharedMemory()
  store.append(bytes(1), { timestampS: 0 })
  await waited
})

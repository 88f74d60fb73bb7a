import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TopicPlace } from '@rmq/core'
import { expect, onTestFinished, test } from 'vitest'
import { sharedMemoryHome } from '../src/index.ts'
import { segmentPath } from '../src/segment-path.ts'
import { type PeerOptions, startPeer } from './support/peer.ts'
import { bytes, createTopic, freshAddress, withCode } from './support/topics.ts'

const home = sharedMemoryHome()

/** Tests that need root or namespaces say so where they cannot run. */
function needs(what: string, probe: readonly string[]): boolean {
  const [command, ...args] = probe
  if (spawnSync(command!, args).status === 0) return true
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(`This machine cannot run ${probe.join(' ')}.`)
  console.warn(`SKIPPED: ${what} (${probe.join(' ')} fails here)`)
  return false
}

const USER = { uid: 65_534, gid: 65_534 }
const otherUser = process.geteuid!() === 0 && needs('another user', ['setpriv', '--reuid=65534', 'true'])
const otherClock = needs('another time namespace', ['unshare', '--time', '--fork', 'true'])
const otherMounts = needs('another mount namespace', ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /dev/shm'])

async function explainFrom(options: PeerOptions, place: object): Promise<string> {
  return startPeer(options).call<string>('explain', { place })
}

test('a topic that nobody made is none', () => {
  expect(home.attach(freshAddress())).toBeUndefined()
  expect(home.kind).toBe('shared memory')
})

test('a topic of another host, or from before its start, is explained so', () => {
  const { place } = createTopic().description
  const bootId = place!.bootId.replace(/[0-9a-f]/g, '0')
  expect(home.explain({ ...place!, bootId })).toContain('another host')
})

test('a place that is fine is said to be fine', () => {
  expect(home.explain(createTopic().description.place!)).toContain('Try again')
})

test('a file that another user made there is explained so', () => {
  const { place } = createTopic().description
  expect(home.explain({ ...place!, user: place!.user + 1 })).toContain('different files')
})

test('a missing file on the same host points at containers', () => {
  const store = createTopic()
  const place = store.description.place!
  store.close()
  expect(home.explain(place)).toContain('/dev/shm')
  expect(home.explain(place)).toContain('containers')
})

test.runIf(otherMounts)('a process that does not see our /dev/shm finds nothing, and is told why', async () => {
  const store = createTopic()
  const launcher = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /dev/shm && exec "$@"', 'sh']
  const peer = startPeer({ launcher })
  expect(await peer.call('attach', { ...store.address })).toBe(false)
  expect(await peer.call('explain', { place: store.description.place })).toContain('mount namespaces')
})

test.runIf(otherClock)('a process with another steady clock is refused, and told why', async () => {
  const store = createTopic()
  const launcher = ['unshare', '--time', '--monotonic', '1000', '--fork', '--kill-child']
  const peer = startPeer({ launcher })
  await expect(peer.call('attach', { ...store.address })).rejects.toThrow(withCode('UNSUPPORTED', 'steady clock'))
  expect(await peer.call('explain', { place: store.description.place })).toContain('steady clock')
  store.append(bytes(1), { timestampS: 0 })
})

test.runIf(otherUser)('another user is refused, and told of groups', async () => {
  const store = createTopic()
  const peer = startPeer({ user: USER })
  await expect(peer.call('attach', { ...store.address })).rejects.toThrow(withCode('PERMISSION_DENIED', 'group'))
  expect(await explainFrom({ user: USER }, store.description.place!)).toContain('group')
})

test.runIf(otherUser)('another user of the topic’s group reads, writes, and is woken by bells', async () => {
  const store = createTopic({ group: USER.gid })
  const { path: file } = store.description.place!
  for (const name of [file, `${file}_mutex`]) {
    const [mode, gid] = execFileSync('stat', ['-c', '%a %g', name], { encoding: 'utf8' }).trim().split(' ')
    expect({ name, mode, gid }).toEqual({ name, mode: '660', gid: String(USER.gid) })
  }
  const [member, owner] = [startPeer({ user: USER }), startPeer()]
  for (const peer of [member, owner]) expect(await peer.call('attach', { ...store.address })).toBe(true)
  // Whoever puts, and whoever waits: the timer would take up to 100 ms.
  for (const [writer, reader] of [
    [owner, member],
    [member, owner],
  ] as const) {
    await reader.call('follow', { from: 'new' })
    const latencies: number[] = []
    for (let round = 0; round < 21; round++) {
      const woken = reader.call<number>('wait')
      await reader.call('status')
      const { atUs } = await writer.call<{ atUs: number }>('put', { byteLength: 5, value: 9 })
      latencies.push((await woken) - atUs)
      await reader.call('follow', { from: 'new' })
    }
    expect(latencies.sort((a, b) => a - b)[10]).toBeLessThan(20_000)
  }
  expect(store.read(-1)).toMatchObject([{ data: bytes(9, 5) }])
})

test.runIf(otherUser)('root is another user too', async () => {
  const server = startPeer({ user: USER })
  const address = freshAddress()
  await server.call('create', { ...address, options: { messageRemainingTimeS: 10, capacityBytes: 2 ** 20 } })
  const { place } = await server.call<{ place: TopicPlace }>('describe')
  expect(() => home.attach(address)).toThrow(withCode('PERMISSION_DENIED', 'group'))
  expect(home.explain(place)).toContain('group')
})

test('a process that has run out of files is told so', async () => {
  const store = createTopic({ participants: 256 })
  const peer = startPeer({ launcher: ['sh', '-c', 'ulimit -n 80 && exec "$@"', 'sh'] })
  await expect(peer.call('attachOften', { ...store.address })).rejects.toThrow(withCode('NO_SPACE', 'ulimit'))
})

test.runIf(otherUser)('a user outside the topic’s group is refused', async () => {
  const store = createTopic({ group: 12_345 })
  const peer = startPeer({ user: USER })
  await expect(peer.call('attach', { ...store.address })).rejects.toThrow(withCode('PERMISSION_DENIED'))
})

test('files that are not ours, or damaged, are refused with their reason', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rmq-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const good = readFileSync(createTopic().description.place!.path)
  const attempt = (spoil: (file: string) => void) => {
    const address = freshAddress()
    const file = segmentPath(address)
    try {
      spoil(file)
      return () => {
        try {
          home.attach(address)
        } finally {
          rmSync(file, { force: true })
        }
      }
    } catch (thrown) {
      rmSync(file, { force: true })
      throw thrown
    }
  }
  const write = (data: Uint8Array) => (file: string) => writeFileSync(file, data, { mode: 0o600 })
  const changed = (offset: number, value: number) => {
    const copy = Buffer.from(good)
    copy[offset] = value
    return copy
  }
  expect(attempt(write(Buffer.alloc(100_000)))).toThrow(withCode('CORRUPT'))
  expect(attempt(write(new Uint8Array(0)))).toThrow(withCode('CORRUPT'))
  expect(attempt(write(good.subarray(0, good.length - 4096)))).toThrow(withCode('CORRUPT'))
  expect(attempt(write(changed(8, 99)))).toThrow(withCode('VERSION_MISMATCH', 'layout 99'))
  expect(attempt(write(changed(0x410, 7)))).toThrow(withCode('CORRUPT', 'checksum'))
  // Whole, but described as another topic's.
  expect(attempt(write(good))).toThrow(withCode('CORRUPT', 'server'))
  expect(
    attempt((file) => {
      write(good)(file)
      chmodSync(file, 0o644)
    }),
  ).toThrow(withCode('CORRUPT', 'permissions'))
  expect(attempt((file) => execFileSync('mkfifo', ['-m', '600', file]))).toThrow(withCode('CORRUPT', 'regular'))
  expect(attempt((file) => execFileSync('ln', ['-s', '/dev/null', file]))).toThrow(withCode('CORRUPT'))
  expect(attempt(write(good.subarray(0, 4096)))).toThrow(withCode('CORRUPT'))
})

test.runIf(otherMounts)('a memory file system that is too small is NO_SPACE, not SIGBUS', async () => {
  const launcher = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=8m none /dev/shm && exec "$@"', 'sh']
  const peer = startPeer({ launcher })
  const options = { messageRemainingTimeS: 10, sharedMemorySizeGb: 0.25 }
  await expect(peer.call('create', { ...freshAddress(), options })).rejects.toThrow(withCode('NO_SPACE', '--shm-size'))
  await peer.call('create', { ...freshAddress(), options: { messageRemainingTimeS: 10, capacityBytes: 2 ** 22 } })
  await peer.call('put', { byteLength: 10_000, count: 1000 })
  await peer.call('reset', { epoch: 'second' })
  await peer.call('close')
})

test.runIf(otherMounts)('a reset that finds no room for another life ends the topic', async () => {
  const launcher = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=8m none /dev/shm && exec "$@"', 'sh']
  const peer = startPeer({ launcher })
  const address = freshAddress()
  await peer.call('create', { ...address, options: { messageRemainingTimeS: 10, capacityBytes: 5 * 2 ** 20 } })
  // Keeps the memory of the first life.
  await peer.call('attach', { ...address })
  await expect(peer.call('reset', { epoch: 'second' })).rejects.toThrow(withCode('NO_SPACE'))
  await expect(peer.call('reset', { epoch: 'third' })).rejects.toThrow(withCode('CLOSED'))
  await expect(peer.call('put', { byteLength: 10 })).rejects.toThrow(withCode('CLOSED', 'its server'))
  await peer.call('close')
})

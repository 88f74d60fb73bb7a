import { readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { INFO } from '../../src/native/addon-types.ts'
import { addon, attach, bellsIn, create, opened, put, S, sharedFolder, text } from './support/native.ts'
import { Program } from './support/program.ts'

/** Rings as they come in. */
function listen(folder: string) {
  const bell = opened(addon.openBell(folder, undefined))
  const socket = new Socket({ fd: bell.detachFd(), readable: true, writable: false })
  onTestFinished(() => {
    socket.destroy()
    bell.close()
  })
  let rings = 0
  let wake = () => {}
  socket.on('data', (chunk) => {
    rings += chunk.length
    wake()
  })
  return {
    bell,
    async ringsTo(count: number) {
      while (rings < count) await new Promise<void>((resolve) => (wake = resolve))
      return rings
    },
  }
}

test('a follower gets each record or counts it', () => {
  const { path, segment } = create({ maxRecords: 4 })
  const writer = attach(path)
  put(writer, '1')
  const follower = segment.follow(1)
  expect(text(follower.next())).toBe('1')
  expect(follower.next()).toBe(S['EMPTY'])
  for (let i = 2; i <= 9; i++) put(writer, `${i}`)
  expect(text(follower.next())).toBe('6')
  expect([segment.info[INFO.SEQUENCE], segment.info[INFO.LOST]]).toEqual([6, 4])
  expect(follower.nextLease()).toBe(S['OK'])
  expect([segment.info[INFO.SEQUENCE], segment.info[INFO.LOST]]).toEqual([7, 0])
  const slot = segment.info[INFO.SLOT]!
  expect(text(segment.leaseBytes(slot))).toBe('7')
  segment.unlease(slot)
  put(writer, '10')
  follower.skipToNewest()
  expect(text(follower.next())).toBe('10')
  expect([...follower.counts()]).toEqual([4, 4, 2])
  expect(follower.cursor()).toBe(11)
})

test('a follower that cannot lease loses nothing', () => {
  const { segment } = create()
  for (let i = 0; i < 17; i++) put(segment, `${i}`)
  const follower = segment.follow(1)
  for (let i = 0; i < 16; i++) expect(follower.nextLease()).toBe(S['OK'])
  expect(follower.nextLease()).toBe(S['LEASE_LIMIT'])
  for (let slot = 0; slot < 16; slot++) segment.unlease(slot)
  expect(text(follower.next())).toBe('16')
})

test('a follower keeps the segment that it follows', async () => {
  const { path } = create()
  const program = new Program(
    `
    let follower = attach('${path}').follow(1)
    const { next } = follower
    follower = undefined
    attach('${path}').put(Buffer.from('kept'), 0)
    for (let i = 0; i < 20; i++) { gc(); await new Promise(setImmediate) }
    console.log(Buffer.from(next()).toString())`,
    ['--expose-gc'],
  )
  expect(await program.line()).toBe('kept')
  expect(await program.end).toBe(0)
})

test('one ring per arming, from another process', async () => {
  const folder = sharedFolder()
  const { path, segment } = create({}, `${folder}/s`)
  const { bell, ringsTo } = listen(folder)
  segment.setBell(bell)
  expect(bellsIn(folder).length).toBe(1)
  const writer = new Program(`
    const segment = attach('${path}')
    process.on('SIGUSR2', () => {
      for (let i = 0; i < 3; i++) segment.put(new Uint8Array(1), 0)
      console.log('put')
    })
    setInterval(() => {}, 1e6)
    console.log('ready')`)
  await writer.line()
  for (let round = 1; round <= 3; round++) {
    const sequence = segment.nextSequence()
    expect(segment.arm(sequence)).toBe(S['OK'])
    writer.child.kill('SIGUSR2')
    await writer.line()
    expect(await ringsTo(round)).toBe(round)
    expect(segment.nextSequence()).toBe(sequence + 3)
    expect(segment.arm(sequence)).toBe(S['EXISTS'])
  }
  await writer.kill()
})

test('retiring wakes who waits and refuses what comes', async () => {
  const folder = sharedFolder()
  const { path, segment } = create({}, `${folder}/s`)
  const owner = attach(path)
  const { bell, ringsTo } = listen(folder)
  segment.setBell(bell)
  put(owner, 'last')
  const room = segment.loan(10)
  expect(room).toBeInstanceOf(ArrayBuffer)
  expect(segment.arm(2)).toBe(S['OK'])
  owner.retire()
  await ringsTo(1)
  expect([segment.isRetired(), segment.arm(2)]).toEqual([true, S['EXISTS']])
  expect(segment.put(new Uint8Array(1), 0)).toBe(-S['CLOSED']!)
  expect(segment.loan(1)).toBe(-S['CLOSED']!)
  expect(segment.commit(segment.info[INFO.SLOT]!, 10, 0)).toBe(-S['CLOSED']!)
  expect((room as ArrayBuffer).byteLength).toBe(0)
  expect(segment.spin(2, 1e6)).toBe(false)
  expect(text(segment.readOne(1, true))).toBe('last')
})

test('spins no longer than it is told', () => {
  const { segment } = create()
  const started = performance.now()
  expect(segment.spin(1, 3000)).toBe(false)
  expect(performance.now() - started).toBeGreaterThanOrEqual(2.9)
  put(segment, 'x')
  expect(segment.spin(1, 0)).toBe(true)
})

test('a closed bell leaves no file, and rings no more', () => {
  const folder = sharedFolder()
  const { segment } = create({}, `${folder}/s`)
  const bell = opened(addon.openBell(folder, undefined))
  segment.setBell(bell)
  bell.close()
  bell.close()
  expect(readdirSync(folder)).toEqual(['s'])
  expect(bell.detachFd()).toBe(-1)
  expect(segment.arm(1)).toBe(S['OK'])
  put(segment, 'x')
  segment.setBell(undefined)
})

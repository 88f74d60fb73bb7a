import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { STATE } from '../../src/native/addon-types.ts'
import { addon, attach, attachOptions, bellsIn, create, preamble, put, sharedFolder } from './support/native.ts'
import { Program } from './support/program.ts'

/** All leases that there are, all loans, an armed bell. */
function borrowEverything(path: string, folder: string): string {
  return `
    const segment = attach('${path}')
    const bell = addon.openBell('${folder}', undefined)
    segment.setBell(bell)
    segment.arm(segment.nextSequence())
    const follower = segment.follow(1)
    globalThis.kept = [bell, follower]
    for (let i = 0; i < 16; i++) kept.push(new Uint8Array(lease(segment, 0)))
    for (let i = 0; i < 3; i++) kept.push(new Uint8Array(segment.loan(1000)).fill(i))`
}

/** Nobody but us holds anything, and all the room is there. */
function expectWhole(path: string, aborted: number) {
  const segment = attach(path)
  segment.reap()
  expect(segment.participants().map(({ leases, pinnedBytes }) => [leases, pinnedBytes])).toEqual([[0, 0]])
  expect(segment.state()[STATE.ABORTED]).toBe(aborted)
  expect(segment.put(new Uint8Array(1 << 20), 0)).toBeGreaterThan(0)
}

function prepared() {
  const folder = sharedFolder()
  const path = `${folder}/s`
  const { segment } = create({ participants: 32 }, path)
  put(segment, new Uint8Array(1000).fill(1))
  segment.close()
  return { folder, path }
}

test('twenty workers end with all they borrowed', async () => {
  const { folder, path } = prepared()
  const program = new Program(`
    const { Worker } = await import('node:worker_threads')
    const code = ${JSON.stringify(`(async () => {
      ${preamble()}
      ${borrowEverything(path, folder)}
      ;(await import('node:worker_threads')).parentPort.postMessage('ready')
      setInterval(() => kept.length, 1e6)
    })()`)}
    const workers = Array.from({ length: 20 }, () => new Worker(code, { eval: true }))
    await Promise.all(workers.map((worker) => new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })))
    const segment = attach('${path}')
    console.log(segment.participants().length)
    segment.close()
    await Promise.all(workers.map((worker) => worker.terminate()))
    console.log(JSON.stringify((await import('node:fs')).readdirSync('${folder}')))`)
  expect(await program.line()).toBe('21')
  expect(JSON.parse(await program.line())).toEqual(['s'])
  expect(await program.end, program.stderr).toBe(0)
  expectWhole(path, 60)
})

test('a worker that ends by itself leaves its place', async () => {
  const { folder, path } = prepared()
  const worker = new Worker(`(async () => { ${preamble()} ${borrowEverything(path, folder)} })()`, { eval: true })
  const code = await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
  expect([code, bellsIn(folder)]).toEqual([0, []])
  expectWhole(path, 3)
})

test.each([
  ['process.exit()', 'process.exit(7)', 7],
  ['an uncaught error', 'setTimeout(() => { throw new Error("meant") })', 1],
  ['nothing left to do', '', 0],
  [
    'SIGTERM handled',
    'process.on("SIGTERM", () => process.exit(3)); process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1e6)',
    3,
  ],
])('a process that ends by %s leaves nothing', async (_, ending, code) => {
  const { folder, path } = prepared()
  const program = new Program(`${borrowEverything(path, folder)}; ${ending}`)
  expect(await program.end, program.stderr).toBe(code)
  expect(bellsIn(folder)).toEqual([])
  expectWhole(path, 3)
})

test('process.exit() in a worker and beside a worker', async () => {
  const { folder, path } = prepared()
  const inside = new Worker(`(async () => { ${preamble()} ${borrowEverything(path, folder)}; process.exit(5) })()`, {
    eval: true,
  })
  expect(await new Promise((resolve) => inside.once('exit', resolve))).toBe(5)
  const beside = new Program(`
    const { Worker } = await import('node:worker_threads')
    const code = ${JSON.stringify(`(async () => {
      ${preamble()}
      ${borrowEverything(path, folder)}
      ;(await import('node:worker_threads')).parentPort.postMessage('ready')
      for (;;) segment.nextSequence()
    })()`)}
    ${borrowEverything(path, folder)}
    new Worker(code, { eval: true }).once('message', () => process.exit(6))`)
  expect(await beside.end, beside.stderr).toBe(6)
  expect(bellsIn(folder)).toEqual([])
  expectWhole(path, 9)
})

test('a segment that nobody refers to any more closes itself', async () => {
  const { path } = prepared()
  const program = new Program(
    `
    let view
    ;(() => {
      const segment = attach('${path}')
      view = new Uint8Array(lease(segment, 0))
      segment.loan(100)
    })()
    const observer = attach('${path}')
    for (let i = 0; i < 200 && observer.participants().length > 1; i++) {
      gc()
      await new Promise(setImmediate)
    }
    console.log(JSON.stringify([observer.participants().length, view.length]))`,
    ['--expose-gc'],
  )
  expect(JSON.parse(await program.line())).toEqual([1, 0])
  expect(await program.end, program.stderr).toBe(0)
  expectWhole(path, 1)
})

test('two views of one record and garbage collection, 20,000 times', { timeout: 60_000 }, async () => {
  const { path } = prepared()
  const program = new Program(
    `
    const segment = attach('${path}')
    let sum = 0
    for (let round = 0; round < 20_000; round++) {
      const a = new Uint8Array(lease(segment, 0))
      const slotA = segment.info[5]
      const b = new Uint8Array(lease(segment, 0))
      const slotB = segment.info[5]
      sum += a[0] + b[999]
      segment.unlease(round % 2 ? slotA : slotB)
      if (round % 100 === 0) gc()
      sum += (round % 2 ? b : a)[500]
      segment.unlease(round % 2 ? slotB : slotA)
      if (a.length + b.length !== 0) throw new Error('still there')
      if (round % 50 === 0) await new Promise(setImmediate)
    }
    console.log(sum)`,
    ['--expose-gc'],
  )
  expect(await program.line()).toBe('60000')
  expect(await program.end, program.stderr).toBe(0)
})

test('copies are given back: 3,000 records of 0.92 MB do not grow the process', { timeout: 120_000 }, async () => {
  const { path, segment } = create({ capacityBytes: 4 << 20 })
  put(segment, new Uint8Array(921_600))
  segment.close()
  const program = new Program(`
    const segment = attach('${path}')
    const round = async (count) => {
      for (let i = 0; i < count; i++) {
        segment.readOne(1, false)
        if (i % 10 === 0) await new Promise(setImmediate)
      }
      return process.memoryUsage.rss()
    }
    const before = await round(1000)
    const after = await round(2000)
    console.log((after - before) / 1e6)`)
  expect(Number(await program.line())).toBeLessThan(100)
})

test('what the killed held is free after a reap, and their bells are gone', async () => {
  const { folder, path } = prepared()
  const programs = Array.from(
    { length: 3 },
    () => new Program(`${borrowEverything(path, folder)}; console.log('ready'); setInterval(() => {}, 1e6)`),
  )
  for (const program of programs) await program.line()
  expect(bellsIn(folder).length).toBe(3)
  for (const program of programs) await program.kill()
  const segment = attach(path)
  expect(segment.participants().length).toBe(1)
  expect(segment.state()[STATE.BURIALS]).toBe(3)
  expect(bellsIn(folder)).toEqual([])
  segment.close()
  expectWhole(path, 9)
})

test('removing a segment removes what the killed left beside it', async () => {
  const { folder, path } = prepared()
  const program = new Program(`${borrowEverything(path, folder)}; console.log('ready'); setInterval(() => {}, 1e6)`)
  await program.line()
  await program.kill()
  expect(bellsIn(folder).length).toBe(1)
  expect(addon.removeSegment(path, attachOptions)).toBeUndefined()
  expect([existsSync(path), bellsIn(folder)]).toEqual([false, []])
})

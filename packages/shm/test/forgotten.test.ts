import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { freshAddress } from './support/topics.ts'

const module = new URL('../dist/index.js', import.meta.url).href
const core = import.meta.resolve('@rmq/core')

/** Runs a program that has a `store`, and `collect` for the garbage. */
function run(text: string): { readonly stdout: string; readonly stderr: string } {
  const program = `
    import { createSharedMemoryTopic } from '${module}'
    import { StartTime } from '${core}'
    const options = { messageRemainingTimeS: 60, capacityBytes: 1 << 20 }
    const spec = { ...${JSON.stringify(freshAddress())}, epoch: 'first', clock: new StartTime() }
    const store = createSharedMemoryTopic(spec, options)
    const collect = async () => {
      for (let round = 0; round < 5; round++) {
        gc()
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    ${text}`
  const args = ['--expose-gc', '--input-type=module', '-e', program]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })
  expect(status, stderr).toBe(0)
  return { stdout, stderr }
}

test('leases that were dropped are released by the garbage collector, with one warning', () => {
  const { stdout, stderr } = run(`
    store.append(new Uint8Array(100).fill(5), {})
    for (let count = 0; count < 16; count++) count % 2 === 0 ? store.lease() : store.lease().data
    try { store.lease() } catch ({ code }) { console.log(code) }
    await collect()
    for (let count = 0; count < 16; count++) store.lease().release()
    console.log(store.lease().data[0])
    process.exit()`)
  expect(stdout).toBe('LEASE_LIMIT\n5\n')
  expect(stderr.match(/Warning: A view/g)?.length).toBe(1)
})

test('a lease lives as long as its bytes are in somebody’s hand', () => {
  const { stdout, stderr } = run(`
    store.append(new Uint8Array(100).fill(5), {})
    const part = store.lease().data.subarray(10, 20)
    await collect()
    for (let count = 0; count < 300; count++) store.append(new Uint8Array(10_000), {})
    console.log(part.length, part[0])
    store.close()
    console.log(part.length)`)
  expect(stdout).toBe('10 5\n10\n')
  expect(stderr).not.toContain('Warning')
})

test('loans that were dropped are discarded by the garbage collector', () => {
  const { stdout, stderr } = run(`
    for (let count = 0; count < 3; count++) store.loan(300_000)
    try { store.loan(1) } catch ({ code }) { console.log(code) }
    await collect()
    const loan = store.loan(1_000_000)
    loan.bytes.fill(1)
    console.log(loan.commit(1_000_000, {}), store.status().count)`)
  expect(stdout).toBe('LEASE_LIMIT\n1 1\n')
  expect(stderr).toContain('A loan of a shared memory topic was dropped')
})

test('a program with an open topic, leases, a loan and a doorbell ends by itself, and leaves nothing', () => {
  run(`
    store.append(new Uint8Array(100), {})
    globalThis.kept = [store.lease(), store.lease().data, store.loan(100)]
    store.onAppend(() => {})
    const abort = new AbortController()
    store.follow('new').wait({ spinUs: 0, signal: abort.signal }).catch(() => {})
    abort.abort()`)
})

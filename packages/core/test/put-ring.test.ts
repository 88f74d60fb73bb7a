import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PutRing, type RingEntry } from '../src/thread/put-ring.ts'

const entry = (count: number, byteLength: number) => ({
  topic: count % 7,
  data: new Uint8Array(byteLength).fill(count & 255),
  stamp: count % 3 === 0 ? { timestampS: count } : { timestampS: count, captureTimeS: count / 2 },
})

const toText = ({ topic, data, stamp }: RingEntry) =>
  `${topic} ${JSON.stringify(stamp)} ${createHash('md5').update(data).digest('hex')}`

test('entries come out as they went in, in order, around the end of the memory too', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 16_000 }), fc.integer({ min: 0, max: 3 })), {
    minLength: 50,
    maxLength: 200,
  })
  fc.assert(
    fc.property(steps, (plan) => {
      const ring = new PutRing()
      const reader = new PutRing(ring.memory)
      const expected: ReturnType<typeof entry>[] = []
      const got: RingEntry[] = []
      const read = () => {
        const next = reader.read(reader.written, 0)
        if (next !== undefined) got.push(next)
        return next !== undefined
      }
      for (const [index, [byteLength, reads]] of plan.entries()) {
        const written = entry(index, byteLength)
        while (!ring.write(written.topic, written.data, written.stamp, 0)) expect(read()).toBe(true)
        expected.push(written)
        for (let count = 0; count < reads; count++) read()
      }
      while (read());
      expect(got.map(toText)).toEqual(expected.map(toText))
    }),
    { numRuns: 30 },
  )
})

test('an entry waits for the messages of the port that came before it, and for nothing behind the mark', () => {
  const ring = new PutRing()
  const put = (posted: number) => expect(ring.write(0, new Uint8Array(1), { timestampS: posted }, posted)).toBe(true)
  put(1)
  const mark = ring.written
  put(3)
  expect(ring.read(ring.written, 0)).toBeUndefined()
  expect(ring.read(mark, 1)?.stamp).toEqual({ timestampS: 1 })
  expect(ring.read(mark, 9)).toBeUndefined()
  expect(ring.read(ring.written, 2)).toBeUndefined()
  expect(ring.read(ring.written, 3)?.stamp).toEqual({ timestampS: 3 })
})

test('grows by doubling, and tells when there is nothing larger', () => {
  const ring = new PutRing()
  let larger = ring.larger()
  let sizes = 1
  for (; larger !== undefined; larger = larger.larger()) sizes += 1
  expect(sizes).toBe(9)
})

test('two threads: half a million entries, none lost, none torn, and the reader never sleeps through one', async () => {
  const ring = new PutRing()
  // The reader sleeps as the message thread does: it says so, looks once more, and waits to be woken.
  const worker = new Worker(
    `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ PutRing }) => {
      const ring = new PutRing(workerData.memory)
      let count = 0
      const take = () => {
        let some = false
        for (let entry = ring.read(ring.written, 0); entry !== undefined; entry = ring.read(ring.written, 0)) {
          some = true
          if (entry.stamp.timestampS !== count || (entry.data.length > 0 && (entry.data[0] !== (count & 255) || entry.data.at(-1) !== (count & 255))))
            parentPort.postMessage('torn or out of order at ' + count)
          count += 1
          if (count === workerData.count) parentPort.postMessage('done')
        }
        return some
      }
      const look = () => {
        while (take());
        ring.exchangeAsleep(true)
        if (take()) {
          ring.exchangeAsleep(false)
          setImmediate(look)
        }
      }
      parentPort.on('message', look)
      parentPort.postMessage('ready')
    })
    `,
    {
      eval: true,
      workerData: {
        memory: ring.memory,
        count: 500_000,
        module: new URL('../dist/thread/put-ring.js', import.meta.url).href,
      },
    },
  )
  const next = () => new Promise((resolve) => worker.once('message', resolve))
  try {
    expect(await next()).toBe('ready')
    const done = next()
    worker.postMessage('look')
    const data = new Uint8Array(40)
    for (let count = 0; count < 500_000; ) {
      data.fill(count & 255)
      if (!ring.write(0, data.subarray(0, count % 41), { timestampS: count }, 0)) {
        await new Promise((resolve) => setImmediate(resolve))
        continue
      }
      count += 1
      if (ring.exchangeAsleep(false)) worker.postMessage('wake')
      if (count % 5000 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await done).toBe('done')
  } finally {
    await worker.terminate()
  }
})

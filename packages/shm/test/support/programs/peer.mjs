// A process that does with topics what the lines on its standard input say: { id, op, … } → { id, value | error }.
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { StartTime } from '@rmq/core'
import {
  cleanSharedMemory,
  clearSharedMemory,
  createSharedMemoryTopic,
  listSharedMemory,
  SharedQueue,
  sharedMemoryHome,
} from '../../../dist/index.js'

let store
let created
let held
let follower
let abort

const nowUs = () => Number(process.hrtime.bigint() / 1000n)

/** Every byte of a record tells the same number: a torn one tells several. */
const payload = (byteLength, value) => Buffer.alloc(byteLength, value & 255)
const isWhole = (data) => payload(data.byteLength, data[0]).equals(data)

const operations = {
  create: ({ options, epoch = 'epoch', ...address }) => {
    created = createSharedMemoryTopic({ ...address, epoch, clock: new StartTime() }, options)
    store = created
  },
  attach: (address) => {
    store = sharedMemoryHome().attach(address)
    return store !== undefined
  },
  attachOften: (address) => {
    for (;;) sharedMemoryHome().attach(address)
  },
  reset: ({ epoch }) => created.reset(epoch),
  explain: ({ place }) => sharedMemoryHome().explain(place),
  clear: () => clearSharedMemory(),
  list: () => listSharedMemory(),
  clean: (options) => cleanSharedMemory(options),
  cleanOften: () => {
    for (;;) cleanSharedMemory()
  },
  /** Topics that come, begin new epochs and go, and queues: each must be there for as long as it is held. */
  createOften: ({ options, count, name }) => {
    for (let index = 0; index < count; index++) {
      const spec = { name, server: `server ${index}`, epoch: 'first', clock: new StartTime() }
      const topic = createSharedMemoryTopic(spec, options)
      for (const epoch of ['second', 'third']) {
        topic.append(payload(8, index), {})
        if (!existsSync(topic.description.place.path)) throw new Error(`topic ${index} was removed`)
        topic.reset(epoch)
      }
      if (!existsSync(`${topic.description.place.path}_mutex`)) throw new Error(`mutex ${index} was removed`)
      topic.close()
      const queue = SharedQueue.create(`${name} ${index}`, { capacity: 2, maxItemBytes: 64 })
      queue.putNowait(payload(8, index))
      queue.close()
      if (!SharedQueue.unlink(`${name} ${index}`)) throw new Error(`queue ${index} was in use`)
    }
  },
  /** @returns what is left of the queue's items after it was closed for a moment */
  queue: ({ name, items }) => {
    const queue = SharedQueue.openOrCreate(name, { capacity: 10, maxItemBytes: 64 })
    for (let index = 0; index < items; index++) queue.putNowait(payload(8, index))
    return queue.size
  },
  describe: () => store.description,
  put: ({ byteLength, value = 0, count = 1 }) => {
    let sequence
    for (let index = 0; index < count; index++) sequence = store.append(payload(byteLength, value + index), {})
    return { sequence, atUs: nowUs() }
  },
  /** Puts until told otherwise, in slices that let it hear. */
  flood: ({ byteLength }) => {
    const slice = () => {
      for (let index = 0; index < 20; index++) store.append(payload(byteLength, index), {})
      held = setImmediate(slice)
    }
    slice()
  },
  stopFlood: () => {
    clearImmediate(held)
    return store.status().published
  },
  loan: ({ byteLength }) => {
    held = store.loan(byteLength)
  },
  commit: ({ byteLength }) => held.commit(byteLength, {}),
  lease: ({ count = 1 }) => {
    held = Array.from({ length: count }, () => store.lease())
    return held.map(({ sequence, data }) => ({ sequence, byteLength: data.byteLength }))
  },
  release: () => {
    for (const lease of held) lease.release()
  },
  status: () => store.status(),
  follow: ({ from }) => {
    follower = store.follow(from)
  },
  wait: async ({ spinUs = 0 } = {}) => {
    await follower.wait({ spinUs })
    return nowUs()
  },
  startWaiting: () => {
    abort = new AbortController()
    follower.wait({ spinUs: 0, signal: abort.signal }).catch(() => {})
  },
  /** Share of one core that this process used while it waited. */
  idleCpu: async ({ forMs }) => {
    operations.startWaiting()
    const before = process.cpuUsage()
    const startUs = nowUs()
    await new Promise((resolve) => setTimeout(resolve, forMs))
    const { user, system } = process.cpuUsage(before)
    abort.abort()
    return (user + system) / (nowUs() - startUs)
  },
  /** Reads to the topic's end, and accounts for all. */
  consume: async ({ inPlace = false }) => {
    let torn = 0
    let outOfOrder = 0
    let last = 0
    let lost = 0
    for (;;) {
      const followed = inPlace ? follower.nextInPlace() : follower.next()
      if (followed !== undefined) {
        const { record } = followed
        if (!isWhole(record.data)) torn += 1
        if (record.sequence <= last) outOfOrder += 1
        last = record.sequence
        lost += followed.lost
        if (inPlace) record.release()
      } else if (store.ended) {
        return { torn, outOfOrder, lost, counts: follower.counts }
      } else {
        await follower.wait({ spinUs: 0 })
      }
    }
  },
  close: () => store.close(),
  exit: ({ code }) => process.exit(code),
  fail: () =>
    void setImmediate(() => {
      throw new Error('uncaught, as the test wants it')
    }),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, ...args } = JSON.parse(line)
  const reply = (message) => process.stdout.write(`${JSON.stringify({ id, ...message })}\n`)
  Promise.resolve()
    .then(() => operations[op](args))
    .then(
      (value) => reply({ value: value ?? null }),
      ({ code = 'none', message }) => reply({ error: { code, message } }),
    )
}

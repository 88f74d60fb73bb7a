import type { TopicName } from '@rmq/core'
import { heapHome, RmqError, type TopicStore } from '@rmq/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'

interface Kept {
  sequence: number
  timestampS: number
  bytes: number
}

/** Retention as the documentation tells it, without a thought for speed. */
class NaiveTopic {
  records: Kept[] = []
  published = 0
  expired = 0
  evicted = 0
  rejected = 0
  popped = 0
  readonly limits: { ttlS: number; keepLast: number; maxRecords: number; maxBytes: number }

  constructor(limits: { ttlS: number; keepLast: number; maxRecords: number; maxBytes: number }) {
    this.limits = limits
  }

  expire(nowS: number): void {
    while (this.records.length > this.limits.keepLast && this.records[0]!.timestampS < nowS - this.limits.ttlS) {
      this.records.shift()
      this.expired += 1
    }
  }

  append(bytes: number, nowS: number): boolean {
    if (bytes > this.limits.maxBytes) {
      this.rejected += 1
      return false
    }
    this.published += 1
    const timestampS = Math.max(nowS, this.records.at(-1)?.timestampS ?? nowS)
    this.records.push({ sequence: this.published, timestampS, bytes })
    this.expire(nowS)
    const floor = Math.max(this.limits.keepLast, 1)
    const total = () => this.records.reduce((sum, record) => sum + record.bytes, 0)
    while (
      this.records.length > floor &&
      (this.records.length > this.limits.maxRecords || total() > this.limits.maxBytes)
    ) {
      this.records.shift()
      this.evicted += 1
    }
    return true
  }

  read(n: number, nowS: number): number[] {
    this.expire(nowS)
    const sequences = this.records.map(({ sequence }) => sequence)
    if (n === 0) return sequences
    return n > 0 ? sequences.slice(0, n) : sequences.slice(n)
  }

  take(n: number, nowS: number): number[] {
    const taken = this.read(n, nowS)
    this.records = this.records.filter(({ sequence }) => !taken.includes(sequence))
    this.popped += taken.length
    return taken
  }
}

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('put' as const), bytes: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('peek' as const), n: fc.integer({ min: -12, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('pop' as const), n: fc.integer({ min: -6, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('wait' as const), s: fc.integer({ min: 0, max: 30 }) }) },
)
const limits = fc.record({
  ttlS: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 40 })),
  keepLast: fc.integer({ min: 0, max: 4 }),
  maxRecords: fc.integer({ min: 4, max: 12 }),
  maxBytes: fc.integer({ min: 40, max: 400 }),
})

test('a heap topic does what a naive model does, and its ledger balances', () => {
  fc.assert(
    fc.property(limits, fc.array(step, { maxLength: 120 }), (limits, steps) => {
      let nowS = 100
      const released: Uint8Array[] = []
      const store = makeStore(
        limits,
        () => nowS,
        (data) => released.push(data),
      )
      const naive = new NaiveTopic(limits)
      for (const action of steps) {
        if (action.op === 'wait') nowS += action.s
        else if (action.op === 'put') {
          const accepted = naive.append(action.bytes, nowS)
          const put = () => store.append(new Uint8Array(action.bytes), { timestampS: nowS })
          if (accepted) expect(put()).toBe(naive.published)
          else expect(put).toThrow(RmqError)
        } else {
          const real = (action.op === 'peek' ? store.read(action.n) : store.take(action.n)).map((r) => r.sequence)
          expect(real).toEqual(action.op === 'peek' ? naive.read(action.n, nowS) : naive.take(action.n, nowS))
        }
        naive.expire(nowS)
        const status = store.status()
        const { published, expired, evicted, popped, rejected } = naive
        expect(status).toMatchObject({ count: naive.records.length, published, expired, evicted, popped, rejected })
        expect(status.bytes).toBe(naive.records.reduce((sum, record) => sum + record.bytes, 0))
        expect(status.published).toBe(status.count + status.expired + status.evicted + status.popped)
        expect(released.length).toBe(status.published - status.count)
      }
      expect(new Set(released).size).toBe(released.length)
    }),
    { numRuns: 300 },
  )
})

test('a million records leave both ends as near as ten do', () => {
  const store = makeStore(
    { ttlS: 1e9, keepLast: 0, maxRecords: 2e6, maxBytes: 2 ** 40 },
    () => 0,
    () => {},
  )
  const payload = new Uint8Array(1)
  for (let count = 0; count < 1_000_000; count++) store.append(payload, { timestampS: 0 })
  expect(store.count).toBe(1_000_000)
  expect(store.read(-1)[0]?.sequence).toBe(1_000_000)
  expect(store.read(1)[0]?.sequence).toBe(1)
  expect(store.take(2).map((record) => record.sequence)).toEqual([1, 2])
  expect(store.take(-2).map((record) => record.sequence)).toEqual([999_999, 1_000_000])
  expect(store.count).toBe(999_996)
})

function makeStore(
  { ttlS, ...rest }: { ttlS: number; keepLast: number; maxRecords: number; maxBytes: number },
  nowS: () => number,
  release: (data: Uint8Array, shared: boolean) => void,
): TopicStore {
  const retention = { messageRemainingTimeS: ttlS, ...rest }
  return heapHome({ release }).create(
    { name: 't' as TopicName, kind: 'heap', retention, epoch: 'e' },
    { nowS, zeroS: 0 },
  )
}

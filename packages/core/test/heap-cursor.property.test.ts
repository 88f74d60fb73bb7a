import { type FollowStart, heapHome, type TopicName } from '@rmq/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('put' as const), n: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('pop' as const), n: fc.integer({ min: -3, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('next' as const), n: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('skip' as const), n: fc.constant(1) }) },
)
const start = fc.constantFrom<FollowStart>('latest', 'new', 'oldest', 0, 3)

test('a cursor gets every record that is still there when it comes to it, and counts the others', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 3, max: 6 }), start, (steps, puts, from) => {
      const retention = { messageRemainingTimeS: 60, keepLast: 0, maxRecords: 8, maxBytes: 1e9 }
      const store = heapHome().create(
        { name: 't' as TopicName, kind: 'heap', epoch: 'e', retention },
        { nowS: () => 0 },
      )
      let published = 0
      const put = () => {
        published += 1
        expect(store.append(new Uint8Array(1), { timestampS: 0 })).toBe(published)
      }
      for (let count = 0; count < puts; count++) put()
      const cursor = store.follow(from)
      const first = cursor.position
      let position = first
      const next = () => {
        const there = store.read(0).map(({ sequence }) => sequence)
        const expected = there.find((sequence) => sequence >= position)
        const followed = cursor.next()
        expect(followed?.record.sequence).toBe(expected)
        position = expected === undefined ? Math.max(position, published + 1) : expected + 1
        expect(cursor.position).toBe(position)
        const { received, lost, skipped } = cursor.counts
        expect(first + received + lost + skipped).toBe(position)
        return followed !== undefined
      }
      for (const { op, n } of steps) {
        if (op === 'put') for (let count = 0; count < n; count++) put()
        else if (op === 'pop') store.take(n)
        else if (op === 'next') for (let count = 0; count < n; count++) next()
        else {
          cursor.skipToNewest()
          position = Math.max(position, published)
        }
      }
      while (next());
    }),
    { numRuns: 300 },
  )
})

import fc from 'fast-check'
import type { Message, RMQClient } from 'robotmq'
import { expect, it } from 'vitest'
import { RecordFollower } from '../src/roles/record-follower.ts'

/** A topic that keeps its newest `capacity` records. */
function fakeTopic(capacity: number) {
  let records: Message[] = []
  let published = 0
  return {
    put(count: number) {
      for (let i = 0; i < count; i++) records.push({ sequence: ++published, epoch: 'one' } as Message)
      records = records.slice(-capacity)
    },
    client: { peekData: async (_: string, n: number) => records.slice(n) } as unknown as RMQClient,
  }
}

const { signal } = new AbortController()

it('gets every record once and in order, or counts it as lost', async () => {
  const bursts = fc.array(fc.nat({ max: 400 }), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(bursts, fc.integer({ min: 1, max: 300 }), async (counts, capacity) => {
      const topic = fakeTopic(capacity)
      topic.put(1)
      const follower = new RecordFollower(topic.client, 'joint_states')
      expect((await follower.next(signal)).records.map(({ sequence }) => sequence)).toEqual([1])
      let last = 1
      for (const count of counts) {
        topic.put(count)
        const { records, lost } = await follower.next(signal)
        expect(records.length + lost).toBe(count)
        expect(lost).toBe(Math.max(0, count - capacity))
        expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => last + lost + 1 + index))
        last += count
      }
    }),
  )
})

it('waits for the first record, and begins anew with a restarted server', async () => {
  let records: Message[] = []
  const client = { peekData: async (_: string, n: number) => records.slice(n) } as unknown as RMQClient
  const follower = new RecordFollower(client, 'joint_states')
  expect(await follower.next(signal)).toEqual({ records: [], lost: 0 })
  records = [{ sequence: 8, epoch: 'one' } as Message]
  expect((await follower.next(signal)).records).toHaveLength(1)
  records = [1, 2].map((sequence) => ({ sequence, epoch: 'two' }) as Message)
  expect(await follower.next(signal)).toEqual({ records, lost: 0 })
})

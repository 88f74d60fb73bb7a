import { Pull, Push } from 'zeromq'
import { monotonicNs } from './clock.ts'
import { payloadOf } from './payload.ts'
import { publish } from './publish.ts'
import type { Role } from './role.ts'
import type { Followed, Stream } from './stream.ts'

/** Messages that each end lets wait: enough to keep the link busy, and few enough to stay in memory. */
const QUEUED = 64
/** Buffers that take turns where messages follow each other at once: more than can be on their way. */
const BUFFERS = 3 * QUEUED

/** The least that zeromq.js can do: one socket on the main thread, messages as they are. */
export function rawRole(): Role {
  const push = new Push({ sendHighWaterMark: QUEUED, linger: 0 })
  const pull = new Pull({ receiveHighWaterMark: QUEUED, linger: 0 })
  return {
    close: async () => {
      push.close()
      pull.close()
    },
    handlers: {
      bind: ({ endpoint }: { endpoint: string }) => push.bind(endpoint),
      connect: ({ endpoint }: { endpoint: string }) => pull.connect(endpoint),
      /** The only topic that there is follows from the start. */
      subscribe: () => {},
      publish: ({ streams }: { streams: readonly Stream[] }) =>
        publish((_stream, data) => {
          const stamp = monotonicNs()
          void push.send(data)
          return stamp
        }, streams),
      /** As fast as the link takes them. */
      pour: ({ bytes, count }: { bytes: number; count: number }) => pour(push, bytes, count),
      follow: async ({ last }: { last: Readonly<Record<string, number>> }) => {
        const [[topic, id]] = Object.entries(last) as [[string, number]]
        return { [topic]: await follow(pull, id) }
      },
    },
  }
}

async function pour(push: Push, bytes: number, count: number): Promise<void> {
  const buffers = Array.from({ length: BUFFERS }, () => payloadOf(bytes))
  for (let id = 0; id < count; id++) {
    const data = buffers[id % BUFFERS]!
    new DataView(data.buffer).setUint32(0, id, true)
    await push.send(data)
  }
}

async function follow(pull: Pull, last: number): Promise<Followed> {
  const arrivals: [number, number][] = []
  for await (const [data] of pull) {
    const now = monotonicNs()
    const id = data!.readUInt32LE(0)
    arrivals.push([id, now])
    if (id === last) break
  }
  return { arrivals, lost: 0 }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { RMQServer } from 'robotmq'
import { monotonicNs } from './clock.ts'
import { payloadOf } from './payload.ts'
import type { Stream } from './stream.ts'

/** When each record of each stream was published, by its number. Its twin is python/publish.py. */
export async function publish(server: RMQServer, streams: readonly Stream[]): Promise<Record<string, number[]>> {
  const all = streams.map(async (stream) => [stream.topic, await publishStream(server, stream)] as const)
  return Object.fromEntries(await Promise.all(all))
}

async function publishStream(server: RMQServer, stream: Stream): Promise<number[]> {
  const { bytes, count, catchUp } = stream
  const [shortest, longest] = stream.gapS.map((seconds) => seconds * 1000) as [number, number]
  const data = payloadOf(bytes)
  const stamps: number[] = []
  let due = performance.now()
  for (let id = 0; id < count; id++) {
    due = (catchUp ? due : performance.now()) + shortest + (longest - shortest) * fraction(id)
    for (let left = due - performance.now(); left > 0; left = due - performance.now()) await sleep(left)
    new DataView(data.buffer).setUint32(0, id, true)
    stamps.push(stream.inPlace ? commit(server, stream.topic, data) : put(server, stream.topic, data))
  }
  return stamps
}

function put(server: RMQServer, topic: string, data: Uint8Array): number {
  const stamp = monotonicNs()
  server.putData(topic, data)
  return stamp
}

function commit(server: RMQServer, topic: string, data: Uint8Array): number {
  const loan = server.loan(topic, data.byteLength)
  loan.bytes.set(data)
  const stamp = monotonicNs()
  loan.commit()
  return stamp
}

/** Spreads whole numbers over 0 to 1 without a pattern that a timer could fall in with. */
function fraction(id: number): number {
  return (id * 0.618033988749895) % 1
}

import { setTimeout as sleep } from 'node:timers/promises'
import { payloadOf } from './payload.ts'
import type { Stream } from './stream.ts'

/** Publishes one record. @returns when, on the monotonic clock */
export type Write = (stream: Stream, data: Uint8Array<ArrayBuffer>) => number

/** When each record of each stream was published, by its number. Its twin is python/publish.py. */
export async function publish(write: Write, streams: readonly Stream[]): Promise<Record<string, number[]>> {
  const all = streams.map(async (stream) => [stream.topic, await publishStream(write, stream)] as const)
  return Object.fromEntries(await Promise.all(all))
}

async function publishStream(write: Write, stream: Stream): Promise<number[]> {
  const { bytes, count, catchUp } = stream
  const [shortest, longest] = stream.gapS.map((seconds) => seconds * 1000) as [number, number]
  const data = payloadOf(bytes)
  const stamps: number[] = []
  let due = performance.now()
  for (let id = 0; id < count; id++) {
    due = (catchUp ? due : performance.now()) + shortest + (longest - shortest) * fraction(id)
    for (let left = due - performance.now(); left > 0; left = due - performance.now()) await sleep(left)
    new DataView(data.buffer).setUint32(0, id, true)
    stamps.push(write(stream, data))
  }
  return stamps
}

/** Spreads whole numbers over 0 to 1 without a pattern that a timer could fall in with. */
function fraction(id: number): number {
  return (id * 0.618033988749895) % 1
}

import { sharesOfCpu } from '../cpu.ts'
import type { Plan } from '../plan.ts'
import type { RoleProcess } from '../role-process.ts'
import type { Followed, Stream } from '../roles/stream.ts'
import type { Size } from './sizes.ts'

/** A robot's loop: neither so fast that nobody sleeps, nor so slow that the machine does. */
const HZ = 500
const PATIENCE_S = 5

/** Who publishes and who waits for it, in two processes. */
export interface Delivery {
  readonly publisher: RoleProcess
  readonly subscriber: RoleProcess
}

/**
 * Publishes records with gaps, and tells how long each took from the call that publishes it to the first line of the
 * subscriber's program that has it, and the share of a CPU that the subscriber's process used.
 * @param inPlace the record is written and read in place, where the side can; it is full before its time begins
 * @param hz how many a second, one with the other: gaps vary, so that no timer falls in with them
 */
export async function deliver(
  { publisher, subscriber }: Delivery,
  size: Size,
  inPlace: boolean,
  { warmUp, seconds }: Plan,
  hz: number = HZ,
): Promise<{ latencies: number[]; cpu: number }> {
  const warm = Math.round(warmUp.seconds * hz)
  const count = warm + Math.round(seconds * hz)
  const stream: Stream = {
    topic: 'frames',
    bytes: size.bytes,
    count,
    inPlace,
    gapS: [0.5 / hz, 1.5 / hz],
    catchUp: false,
  }
  await subscriber.ask('subscribe', { topics: ['frames'], inPlace })
  const { result, shares } = await sharesOfCpu([subscriber.pid!], 'all', async () => {
    const followed = subscriber.ask<Record<string, Followed>>('follow', {
      last: { frames: count - 1 },
      seconds: (count / hz) * 2 + PATIENCE_S,
    })
    const published = publisher.ask<Record<string, number[]>>('publish', { streams: [stream] })
    return { stamps: (await published)['frames']!, arrivals: (await followed)['frames']!.arrivals }
  })
  const measured = result.arrivals.filter(([id]) => id >= warm)
  return { latencies: measured.map(([id, ns]) => ns - result.stamps[id]!), cpu: shares[0]! }
}

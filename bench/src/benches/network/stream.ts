import type { Followed, Stream } from '../../roles/stream.ts'
import type { Delivery } from '../delivery.ts'
import type { Size } from '../sizes.ts'

const TOPIC = 'frames'
const PATIENCE_S = 20

/** Nanoseconds a record that came, of as many as the two sockets can move. */
export async function pourRaw({ publisher, subscriber }: Delivery, size: Size, count: number): Promise<number> {
  const following = subscriber.ask<Record<string, Followed>>('follow', { last: { [TOPIC]: count - 1 } })
  await publisher.ask('pour', { bytes: size.bytes, count })
  return nsPerRecord((await following)[TOPIC]!)
}

/**
 * Nanoseconds a record that came, of those that are published at a rate.
 * @throws Error where received and lost is not what was published
 */
export async function streamOurs(
  { publisher, subscriber }: Delivery,
  size: Size,
  count: number,
  perSecond: number,
): Promise<number> {
  const gapS = 1 / perSecond
  const stream: Stream = { topic: TOPIC, bytes: size.bytes, count, inPlace: false, gapS: [gapS, gapS], catchUp: true }
  await subscriber.ask('subscribe', { topics: [TOPIC], inPlace: false })
  const seconds = count / perSecond + PATIENCE_S
  const following = subscriber.ask<Record<string, Followed>>('follow', { last: { [TOPIC]: count - 1 }, seconds })
  await publisher.ask('publish', { streams: [stream] })
  const followed = (await following)[TOPIC]!
  const received = followed.arrivals.length
  if (received + followed.lost! !== count)
    throw new Error(`Of ${count} records ${received} came and ${followed.lost} were lost.`)
  return nsPerRecord(followed)
}

function nsPerRecord({ arrivals }: Followed): number {
  const [first, last] = [arrivals[0]!, arrivals.at(-1)!]
  return (last[1] - first[1]) / (arrivals.length - 1)
}

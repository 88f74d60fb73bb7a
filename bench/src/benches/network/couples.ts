import type { Side } from '../../side.ts'
import type { Stage } from '../../stage.ts'
import { connectClient } from '../couple.ts'
import { type Delivery, deliver } from '../delivery.ts'
import { type Size, SMALL } from '../sizes.ts'

/** What the topic holds; `maxBytes` is ours alone. */
export interface Retention {
  readonly remainingS: number
  readonly maxBytes?: number
}

/** A server with the topic `frames` on its heap, and a client, over tcp. */
export async function tcpDelivery(stage: Stage, side: Side, retention: Retention): Promise<Delivery> {
  const endpoint = await stage.endpoint('tcp')
  const publisher = stage.start(side, 'server')
  await publisher.ask('bind', { endpoint })
  await publisher.ask('addTopic', { topic: 'frames', ...retention })
  return { publisher, subscriber: await connectClient(stage, side, endpoint) }
}

/** Two sockets of zeromq.js and nothing else, each on the main thread of its process. */
export async function rawDelivery(stage: Stage, side: Side): Promise<Delivery> {
  const endpoint = await stage.endpoint('tcp')
  const [publisher, subscriber] = [stage.start(side, 'raw'), stage.start(side, 'raw')]
  await publisher.ask('bind', { endpoint })
  await subscriber.ask('connect', { endpoint })
  return { publisher, subscriber }
}

/** A robot's pace would take a minute until JavaScript runs as machine code, and memory is used again. */
export async function warmUp(delivery: Delivery, size: Size): Promise<void> {
  const none = { count: 0, seconds: 0 }
  const hz = size.bytes <= SMALL.bytes ? 2000 : 100
  await deliver(delivery, size, false, { warmUp: none, count: 0, seconds: 2, pauseS: 0 }, hz)
}

import type { Bench } from '../../bench.ts'
import { gigabytesPerSecond, MICROSECONDS } from '../../figure.ts'
import { iceoryx2Side } from '../../iceoryx2.ts'
import type { Stage } from '../../stage.ts'
import { type Delivery, deliver } from '../delivery.ts'
import { type Size, SMALL, VGA } from '../sizes.ts'
import { sharedDelivery } from './latency.ts'
import { ringBytes } from './topic.ts'

/** From one process to another that sleeps until a record is there: Rust in a blocked listener, JavaScript in `await`. */
function latency(size: Size, inPlace: boolean): Bench {
  return {
    name: `shm-latency-${size.label}-iceoryx2`,
    title: `${inPlace ? 'commit' : 'put'} of ${size.label} → waiting subscriber in another process`,
    peerName: 'iceoryx2',
    figure: MICROSECONDS,
    statistic: 'p50',
    prepare: async (stage, sides) => {
      const peer = await iceoryx2Delivery(stage, size)
      const ours = await sharedDelivery(stage, sides.ours, size)
      return {
        ours: async (plan) => (await deliver(ours, size, inPlace, plan)).latencies,
        peer: async (plan) => (await deliver(peer, size, inPlace, plan)).latencies,
      }
    },
  }
}

/** One after the other, with a subscriber there that reads none of them. */
function throughput(size: Size): Bench {
  return {
    name: `shm-throughput-${size.label}-iceoryx2`,
    title: `puts of ${size.label}, one after the other`,
    peerName: 'iceoryx2',
    figure: gigabytesPerSecond(size.bytes),
    statistic: 'p50',
    prepare: async (stage, sides) => {
      const { publisher: peer } = await iceoryx2Delivery(stage, size)
      const { publisher: ours } = await sharedDelivery(stage, sides.ours, size)
      return {
        ours: (plan) => ours.ask('measurePut', { topic: 'frames', bytes: size.bytes, plan }),
        peer: (plan) => peer.ask('measurePut', { plan }),
      }
    },
  }
}

async function iceoryx2Delivery(stage: Stage, size: Size): Promise<Delivery> {
  const side = await iceoryx2Side(stage)
  const [publisher, subscriber] = [stage.start(side, 'publisher'), stage.start(side, 'subscriber')]
  const { folder, prefix } = stage
  const service = { folder, prefix, bytes: size.bytes, ringBytes: ringBytes(size) }
  await publisher.ask('open', service)
  await subscriber.ask('open', service)
  return { publisher, subscriber }
}

export const iceoryx2Benches: readonly Bench[] = [latency(SMALL, false), latency(VGA, true), throughput(VGA)]

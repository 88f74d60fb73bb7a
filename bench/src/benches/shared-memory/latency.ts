import type { Bench, Row } from '../../bench.ts'
import { MICROSECONDS, PERCENT_OF_CPU } from '../../figure.ts'
import type { Plan } from '../../plan.ts'
import type { Side } from '../../side.ts'
import type { Stage } from '../../stage.ts'
import { both, times, under } from '../../target.ts'
import { connectClient } from '../couple.ts'
import { type Delivery, deliver } from '../delivery.ts'
import { type Size, SMALL, VGA } from '../sizes.ts'
import { startSharedServer } from './topic.ts'

/** From one process to the awaiting program of another; the original's polls, and puts what ours commits. */
function latency(size: Size, inPlace: boolean, ratio: number): Bench {
  const published = inPlace ? `commit of ${size.label}, read in place` : `put of ${size.label}`
  const name = `shm-latency-${size.label}`
  const cpu: Row = {
    name: `${name}-cpu`,
    title: 'the same: CPU of the awaiting process, 500 records a second',
    peerName: 'robotmq, polling',
    figure: PERCENT_OF_CPU,
    statistic: 'p50',
    target: times(10),
  }
  return {
    name,
    title: `${published} → awaiting subscriber in another process`,
    peerName: 'robotmq, polling',
    figure: MICROSECONDS,
    statistic: 'p50',
    target: both(under(40), times(ratio)),
    also: [cpu],
    prepare: async (stage, sides) => {
      const prepare = async (side: Side) => {
        const delivery = await sharedDelivery(stage, side, size)
        return async (plan: Plan) => {
          const { latencies, cpu: share } = await deliver(delivery, size, inPlace, plan)
          return { [name]: latencies, [cpu.name]: [share] }
        }
      }
      return { ours: await prepare(sides.ours), peer: await prepare(sides.robotmq) }
    },
  }
}

export async function sharedDelivery(stage: Stage, side: Side, size: Size): Promise<Delivery> {
  const { server, endpoint } = await startSharedServer(stage, side, size)
  return { publisher: server, subscriber: await connectClient(stage, side, endpoint) }
}

export const latencyBenches: readonly Bench[] = [latency(SMALL, false, 2.5), latency(VGA, true, 8)]

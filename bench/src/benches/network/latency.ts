import type { Bench } from '../../bench.ts'
import { MICROSECONDS } from '../../figure.ts'
import type { Plan } from '../../plan.ts'
import { times } from '../../target.ts'
import { type Delivery, deliver } from '../delivery.ts'
import { type Size, SMALL, VGA } from '../sizes.ts'
import { rawDelivery, tcpDelivery, warmUp } from './couples.ts'

const KEPT_S = 1
/** How many times longer than other measurements: records come at a robot's pace. */
const TIMES_LONGER = 4

/** What it costs to have more than a socket: a message thread, numbered records, credits. */
function latency(size: Size, hz: number, atMost: number): Bench {
  return {
    name: `network-latency-${size.label}`,
    title: `put of ${size.label} → subscriber, tcp, ${hz} a second`,
    peerName: 'zeromq.js',
    figure: MICROSECONDS,
    statistic: 'p50',
    target: times(1 / atMost),
    prepare: async (stage, sides) => {
      const ours = await tcpDelivery(stage, sides.ours, { remainingS: KEPT_S })
      const peer = await rawDelivery(stage, sides.ours)
      for (const delivery of [ours, peer]) await warmUp(delivery, size)
      const measure = (delivery: Delivery) => async (plan: Plan) => {
        const longer = { ...plan, seconds: plan.seconds * TIMES_LONGER }
        return (await deliver(delivery, size, false, longer, hz)).latencies
      }
      return { ours: measure(ours), peer: measure(peer) }
    },
  }
}

export const latencyBenches: readonly Bench[] = [latency(SMALL, 200, 1.5), latency(VGA, 30, 1.3)]

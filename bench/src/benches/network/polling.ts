import type { Bench, Row } from '../../bench.ts'
import { MICROSECONDS, PERCENT_OF_CPU } from '../../figure.ts'
import type { Plan } from '../../plan.ts'
import type { Side } from '../../side.ts'
import { times } from '../../target.ts'
import { deliver } from '../delivery.ts'
import { type Size, SMALL, VGA } from '../sizes.ts'
import { tcpDelivery, warmUp } from './couples.ts'

const KEPT_S = 0.5
/** How many times longer than other measurements: records come at a robot's pace. */
const TIMES_LONGER = 4

/** Beside the original's users, who ask for the newest record again and again. */
function polling(size: Size, hz: number, ratio: number): Bench {
  const common = { peerName: 'robotmq, polling', statistic: 'p50' } as const
  const latency: Row = {
    ...common,
    name: `network-polling-${size.label}`,
    title: `put of ${size.label} → subscriber, tcp, ${hz} a second`,
    figure: MICROSECONDS,
    target: times(ratio),
  }
  const cpu: Row = {
    ...common,
    name: `${latency.name}-cpu`,
    title: "the same: CPU of the subscriber's process",
    figure: PERCENT_OF_CPU,
    target: times(5),
  }
  return {
    ...latency,
    also: [cpu],
    prepare: async (stage, sides) => {
      const prepare = async (side: Side) => {
        const delivery = await tcpDelivery(stage, side, { remainingS: KEPT_S })
        if (side === sides.ours) await warmUp(delivery, size)
        return async (plan: Plan) => {
          const longer = { ...plan, seconds: plan.seconds * TIMES_LONGER }
          const { latencies, cpu: share } = await deliver(delivery, size, false, longer, hz)
          return { [latency.name]: latencies, [cpu.name]: [share] }
        }
      }
      return { ours: await prepare(sides.ours), peer: await prepare(sides.robotmq) }
    },
  }
}

export const pollingBenches: readonly Bench[] = [polling(SMALL, 200, 1 / 1.2), polling(VGA, 30, 1.01)]

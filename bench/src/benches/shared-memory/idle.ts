import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../../bench.ts'
import { sharesOfCpu } from '../../cpu.ts'
import { PERCENT_OF_CPU } from '../../figure.ts'
import type { Plan } from '../../plan.ts'
import type { Side } from '../../side.ts'
import type { Stage } from '../../stage.ts'
import { underCpu } from '../../target.ts'
import { SMALL } from '../sizes.ts'
import { sharedDelivery } from './latency.ts'

/** How many times longer than other measurements: so little CPU takes seconds to be seen. */
const TIMES_LONGER = 7
/** Until everybody has gone to sleep. */
const SETTLING_MS = 3000

/** What it costs to wait for a record that does not come. */
export const idleBench: Bench = {
  name: 'shm-idle-cpu',
  title: 'CPU of a process with an awaiting subscriber, nothing published',
  peerName: 'robotmq, polling',
  figure: PERCENT_OF_CPU,
  statistic: 'worst',
  target: underCpu(0.2),
  long: true,
  prepare: async (stage, sides) => ({
    ours: await waiting(stage, sides.ours),
    peer: await waiting(stage, sides.robotmq),
  }),
}

async function waiting(stage: Stage, side: Side): Promise<(plan: Plan) => Promise<number[]>> {
  const { subscriber } = await sharedDelivery(stage, side, SMALL)
  return async (plan) => {
    await subscriber.ask('subscribe', { topics: ['frames'], inPlace: false })
    const seconds = plan.seconds * TIMES_LONGER
    const waited = subscriber.ask('follow', { last: { frames: 0 }, seconds: seconds + SETTLING_MS / 1000 + 1 })
    await sleep(SETTLING_MS)
    const { shares } = await sharesOfCpu([subscriber.pid!], 'all', () => sleep(seconds * 1000))
    await waited
    return shares
  }
}

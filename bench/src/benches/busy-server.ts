import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { Plan } from '../plan.ts'
import type { Side } from '../side.ts'
import { under } from '../target.ts'
import { type Couple, connectCouple, fillFrames } from './couple.ts'
import { SMALL } from './sizes.ts'

const BUSY_S = 3
const MEASURED_S = 2.2

/** What clients notice while the server's main thread computes, as a policy does. */
export const busyServerBench: Bench = {
  name: `peek-${SMALL.label}-busy-server`,
  title: `client peeks ${SMALL.label} while the server's main thread computes for ${BUSY_S} s, ipc`,
  peerName: 'robotmq',
  figure: MICROSECONDS,
  statistic: 'p99',
  target: under(1000),
  long: true,
  prepare: async (stage, sides) => {
    const prepare = async (side: Side) => {
      const couple = await connectCouple(stage, side, 'ipc')
      await fillFrames(couple, SMALL.bytes)
      return couple
    }
    const [ours, peer] = await Promise.all([prepare(sides.ours), prepare(sides.robotmq)])
    return { ours: (plan) => measure(ours, plan), peer: (plan) => measure(peer, plan) }
  },
}

async function measure({ server, client }: Couple, plan: Plan): Promise<number[]> {
  const computed = server.ask('compute', { seconds: BUSY_S })
  await sleep(100)
  const samples = await client.ask<number[]>('measurePeek', {
    topic: 'frames',
    plan: { ...plan, count: 100_000, seconds: MEASURED_S },
  })
  await computed
  return samples
}

import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { Plan } from '../plan.ts'
import type { Side } from '../side.ts'
import { times } from '../target.ts'
import { type Couple, connectCouple } from './couple.ts'
import { SMALL } from './sizes.ts'

/** A client asks and the server's main thread answers at once. */
export const requestBench: Bench = {
  name: `request-${SMALL.label}-ipc`,
  title: `request of ${SMALL.label}, answered at once, ipc`,
  peerName: 'robotmq',
  figure: MICROSECONDS,
  statistic: 'p50',
  target: times(1.5),
  prepare: async (stage, sides) => {
    const prepare = async (side: Side) => {
      const couple = await connectCouple(stage, side, 'ipc')
      await couple.server.ask('addTopic', { topic: 'echo', remainingS: 60 })
      return couple
    }
    const [ours, peer] = await Promise.all([prepare(sides.ours), prepare(sides.robotmq)])
    return { ours: (plan) => measure(ours, plan), peer: (plan) => measure(peer, plan) }
  },
}

/** The original's server polls while it waits for requests, so each side serves only while it is measured. */
async function measure({ server, client }: Couple, plan: Plan): Promise<number[]> {
  const served = server.ask('serve', { delayS: 0 })
  const samples = await client.ask<number[]>('measureRequest', { topic: 'echo', bytes: SMALL.bytes, plan })
  await client.ask('request', { topic: 'echo', text: 'end' })
  await served
  return samples
}

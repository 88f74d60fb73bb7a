import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { Plan } from '../plan.ts'
import type { RoleProcess } from '../role-process.ts'
import type { Side } from '../side.ts'
import type { Stage } from '../stage.ts'
import { times } from '../target.ts'
import { type Couple, connectClient, connectCouple, fillFrames } from './couple.ts'
import { SMALL } from './sizes.ts'

const PENDING_S = 3
/** Nothing is warmed up while the request pends: the original would spend all of it on the first call. */
const PEEKS = { warmUp: { count: 0, seconds: 0 }, count: 10_000, seconds: 2, pauseS: 0.001 }

interface Trio extends Couple {
  readonly asking: RoleProcess
}

const common = { figure: MICROSECONDS, statistic: 'p50', long: true } as const
const title = `client peeks ${SMALL.label} while another's request pends for ${PENDING_S} s, ipc`

/** What a request that takes its time costs everybody else. */
export const pendingRequestBench: Bench = {
  ...common,
  name: `peek-${SMALL.label}-pending`,
  title,
  peerName: 'robotmq',
  target: times(1),
  prepare: async (stage, sides) => {
    const [ours, peer] = await Promise.all([prepare(stage, sides.ours), prepare(stage, sides.robotmq)])
    return { ours: (plan) => whilePending(ours, plan), peer: (plan) => whilePending(peer, plan) }
  },
}

/** The same, beside our own peeks with no request pending: it must add nothing. */
export const pendingRequestIdleBench: Bench = {
  ...common,
  name: `peek-${SMALL.label}-pending-vs-idle`,
  title: `${title}; beside none pending`,
  peerName: 'ours, idle',
  target: times(1 / 1.2),
  prepare: async (stage, sides) => {
    const ours = await prepare(stage, sides.ours)
    return {
      ours: (plan) => whilePending(ours, plan),
      peer: async (plan) => {
        await warmUp(ours, plan)
        return peek(ours)
      },
    }
  },
}

async function prepare(stage: Stage, side: Side): Promise<Trio> {
  const couple = await connectCouple(stage, side, 'ipc')
  await fillFrames(couple, SMALL.bytes)
  await couple.server.ask('addTopic', { topic: 'echo', remainingS: 60 })
  return { ...couple, asking: await connectClient(stage, side, couple.endpoint) }
}

async function whilePending(trio: Trio, plan: Plan): Promise<number[]> {
  await warmUp(trio, plan)
  const served = trio.server.ask('serve', { delayS: PENDING_S })
  const answered = trio.asking.ask('request', { topic: 'echo', text: 'end' })
  await sleep(200)
  const samples = await peek(trio)
  await Promise.all([served, answered])
  return samples
}

async function warmUp({ client }: Trio, { warmUp: { count, seconds } }: Plan): Promise<void> {
  await client.ask('measurePeek', { topic: 'frames', plan: { ...PEEKS, count, seconds } })
}

function peek({ client }: Trio): Promise<number[]> {
  return client.ask('measurePeek', { topic: 'frames', plan: PEEKS })
}

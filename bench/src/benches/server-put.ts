import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { Plan } from '../plan.ts'
import type { Side } from '../side.ts'
import type { Stage } from '../stage.ts'
import { under } from '../target.ts'
import { VGA } from './sizes.ts'

const REMAINING_S = 0.2
/** A fast producer, which still leaves the message thread time to take each record in. */
const PAUSE_S = 0.001
/** Retention must have let go of records before it counts: only then is there memory to use again. */
const FILLING = { count: 1000, seconds: 2 * REMAINING_S }

/** What a copy into new pages took at best where the target was set. */
const FRESH_COPY_US = 570

const common = { figure: MICROSECONDS, statistic: 'p50' } as const

/** The server's own program puts a record into a topic on its heap. */
export const serverPutBench: Bench = {
  ...common,
  name: `server-put-${VGA.label}`,
  title: `server puts ${VGA.label} on its heap, memory in use again`,
  peerName: 'robotmq',
  target: under(FRESH_COPY_US / 2),
  prepare: async (stage, sides) => {
    const [ours, peer] = await Promise.all([putting(stage, sides.ours), putting(stage, sides.robotmq)])
    return { ours, peer }
  },
}

/**
 * What a put would cost at least without memory used again. With a fixed threshold the C library takes the memory of
 * each copy from the system and gives it back, so that every page is a new one.
 */
export const serverPutCopyBench: Bench = {
  ...common,
  name: `server-put-${VGA.label}-copy`,
  title: `server puts ${VGA.label} on its heap, beside one copy into new memory`,
  peerName: 'fresh copy',
  prepare: async (stage, sides) => {
    const copier = stage.start(sides.ours, 'copier', { MALLOC_MMAP_THRESHOLD_: String(2 ** 17) })
    return {
      ours: await putting(stage, sides.ours),
      peer: (plan) => copier.ask('measureCopy', { bytes: VGA.bytes, plan: filling(plan) }),
    }
  },
}

async function putting(stage: Stage, side: Side): Promise<(plan: Plan) => Promise<number[]>> {
  const server = stage.start(side, 'server')
  await server.ask('bind', { endpoint: await stage.endpoint('ipc') })
  await server.ask('addTopic', { topic: 'frames', remainingS: REMAINING_S })
  return (plan) => server.ask('measurePut', { topic: 'frames', bytes: VGA.bytes, plan: filling(plan) })
}

function filling(plan: Plan): Plan {
  return { ...plan, warmUp: FILLING, pauseS: PAUSE_S }
}

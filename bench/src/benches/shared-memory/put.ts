import type { Bench } from '../../bench.ts'
import { MICROSECONDS } from '../../figure.ts'
import { memcpyMeasure } from '../../memcpy.ts'
import type { Plan } from '../../plan.ts'
import type { Side } from '../../side.ts'
import type { Stage } from '../../stage.ts'
import { atLeast, times } from '../../target.ts'
import { LARGE, type Size, VGA } from '../sizes.ts'
import { ringBytes, startSharedServer } from './topic.ts'

const common = { figure: MICROSECONDS, statistic: 'p50' } as const
const title = (size: Size) => `server puts ${size.label} into shared memory`

/** The server's own program puts a record, beside the original into a ring of the same size. */
function put(size: Size): Bench {
  return {
    ...common,
    name: `shm-put-${size.label}`,
    title: title(size),
    peerName: 'robotmq',
    target: times(1),
    prepare: async (stage, sides) => {
      const [ours, peer] = [await putting(stage, sides.ours, size), await putting(stage, sides.robotmq, size)]
      return { ours, peer }
    },
  }
}

/** The same beside what it cannot do without: one copy into memory of the ring's size. */
function putMemcpy(size: Size): Bench {
  return {
    ...common,
    name: `shm-put-${size.label}-memcpy`,
    title: `${title(size)}, beside a memcpy in C++ into a ring of the same size`,
    peerName: 'memcpy',
    target: atLeast(0.95),
    prepare: async (stage, sides) => {
      const peer = await memcpyMeasure(stage, size.bytes, ringBytes(size))
      return { ours: await putting(stage, sides.ours, size), peer }
    },
  }
}

async function putting(stage: Stage, side: Side, size: Size): Promise<(plan: Plan) => Promise<number[]>> {
  const { server } = await startSharedServer(stage, side, size)
  return (plan) => server.ask('measurePut', { topic: 'frames', bytes: size.bytes, plan })
}

export const sharedPutBenches: readonly Bench[] = [put(VGA), putMemcpy(VGA), put(LARGE), putMemcpy(LARGE)]

import type { Bench } from '../../bench.ts'
import { MICROSECONDS } from '../../figure.ts'
import { under } from '../../target.ts'
import { LARGE, type Size, SMALL, VGA } from '../sizes.ts'
import { sharedCouple } from './topic.ts'

/** The newest record in place, held and released. The original has no other way than its peek. */
function view(size: Size): Bench {
  return {
    name: `shm-view-${size.label}`,
    title: `client views ${size.label} in shared memory and releases it; the original has its peek alone`,
    peerName: 'robotmq',
    figure: MICROSECONDS,
    statistic: 'p50',
    target: under(3),
    prepare: async (stage, sides) => {
      const { client: ours } = await sharedCouple(stage, sides.ours, size)
      const { client: peer } = await sharedCouple(stage, sides.robotmq, size)
      return {
        ours: (plan) => ours.ask('measureView', { topic: 'frames', plan }),
        peer: (plan) => peer.ask('measurePeek', { topic: 'frames', plan }),
      }
    },
  }
}

export const viewBenches: readonly Bench[] = [SMALL, VGA, LARGE].map(view)

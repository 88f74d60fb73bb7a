import type { Bench } from '../../bench.ts'
import { MICROSECONDS } from '../../figure.ts'
import { under } from '../../target.ts'
import { LARGE, type Size, SMALL, VGA } from '../sizes.ts'
import { startSharedServer } from './topic.ts'

/** Room in the ring, published without a copy. The original has no other way than its put. */
function loan(size: Size): Bench {
  return {
    name: `shm-loan-${size.label}`,
    title: `server borrows ${size.label} of shared memory and commits it; the original has its put alone`,
    peerName: 'robotmq',
    figure: MICROSECONDS,
    statistic: 'p50',
    target: under(5),
    prepare: async (stage, sides) => {
      const { server: ours } = await startSharedServer(stage, sides.ours, size)
      const { server: peer } = await startSharedServer(stage, sides.robotmq, size)
      return {
        ours: (plan) => ours.ask('measureLoan', { topic: 'frames', bytes: size.bytes, plan }),
        peer: (plan) => peer.ask('measurePut', { topic: 'frames', bytes: size.bytes, plan }),
      }
    },
  }
}

export const loanBenches: readonly Bench[] = [SMALL, VGA, LARGE].map(loan)

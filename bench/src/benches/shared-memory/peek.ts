import type { Bench, Row } from '../../bench.ts'
import { MICROSECONDS } from '../../figure.ts'
import { times } from '../../target.ts'
import { LARGE, type Size, VGA } from '../sizes.ts'
import { sharedCouple } from './topic.ts'

/** A client copies the newest record, into a buffer that it uses again and again or into a new one. */
function peek(size: Size): Bench {
  const fresh: Row = {
    name: `shm-peek-${size.label}-fresh`,
    title: `client peeks ${size.label} of shared memory, into a buffer of its own each time`,
    peerName: 'robotmq',
    figure: MICROSECONDS,
    statistic: 'p50',
  }
  return {
    ...fresh,
    name: `shm-peek-${size.label}`,
    title: `client peeks ${size.label} of shared memory, into one buffer`,
    target: times(4),
    also: [fresh],
    prepare: async (stage, sides) => {
      const { client: ours } = await sharedCouple(stage, sides.ours, size)
      const { client: peer } = await sharedCouple(stage, sides.robotmq, size)
      const name = `shm-peek-${size.label}`
      return {
        ours: async (plan) => ({
          [name]: await ours.ask<number[]>('measurePeekInto', { topic: 'frames', bytes: size.bytes, plan }),
          [fresh.name]: await ours.ask<number[]>('measurePeek', { topic: 'frames', plan }),
        }),
        peer: async (plan) => {
          const samples = await peer.ask<number[]>('measurePeek', { topic: 'frames', plan })
          return { [name]: samples, [fresh.name]: samples }
        },
      }
    },
  }
}

export const sharedPeekBenches: readonly Bench[] = [peek(VGA), peek(LARGE)]

import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { Side } from '../side.ts'
import type { EndpointKind } from '../stage.ts'
import { type Target, times } from '../target.ts'
import { connectCouple, fillFrames } from './couple.ts'
import { HD, type Size, SMALL, VGA } from './sizes.ts'

/** A client reads the newest record of a topic on the server's heap. */
function peek(size: Size, kind: EndpointKind, target: Target): Bench {
  return {
    name: `peek-${size.label}-${kind}`,
    title: `client peeks ${size.label}, ${kind}`,
    peerName: 'robotmq',
    figure: MICROSECONDS,
    statistic: 'p50',
    target,
    prepare: async (stage, sides) => {
      const prepare = async (side: Side) => {
        const couple = await connectCouple(stage, side, kind)
        await fillFrames(couple, size.bytes)
        return couple.client
      }
      const [ours, peer] = await Promise.all([prepare(sides.ours), prepare(sides.robotmq)])
      return {
        ours: (plan) => ours.ask('measurePeek', { topic: 'frames', plan }),
        peer: (plan) => peer.ask('measurePeek', { topic: 'frames', plan }),
      }
    },
  }
}

export const peekBenches: readonly Bench[] = (['ipc', 'tcp'] as const).flatMap((kind) => [
  peek(SMALL, kind, times(1 / 1.2)),
  peek(VGA, kind, times(1.2)),
  peek(HD, kind, times(3)),
])

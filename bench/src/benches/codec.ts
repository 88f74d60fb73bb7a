import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import { type Target, times } from '../target.ts'

function codec(name: string, title: string, command: string, target?: Target): Bench {
  return {
    name,
    title: `${title} {image 480x640x3 uint8, joints 7 float64, meta}`,
    peerName: 'robotmq',
    figure: MICROSECONDS,
    statistic: 'p50',
    ...(target && { target }),
    prepare: async (stage, sides) => {
      const [ours, peer] = [stage.start(sides.ours, 'codec'), stage.start(sides.robotmq, 'codec')]
      return {
        ours: (plan) => ours.ask(command, { plan }),
        peer: (plan) => peer.ask(command, { plan }),
      }
    },
  }
}

/** Beside the original's `safe_serialize` and `safe_deserialize`, each in its own process. */
export const codecBenches: readonly Bench[] = [
  codec('serialize', 'serialize', 'measureSerialize'),
  codec('deserialize', 'deserialize', 'measureDeserialize'),
  codec('serialize+deserialize', 'serialize and deserialize', 'measureBoth', times(1)),
]

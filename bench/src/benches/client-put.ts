import type { Bench } from '../bench.ts'
import { MICROSECONDS } from '../figure.ts'
import type { Side } from '../side.ts'
import type { EndpointKind } from '../stage.ts'
import { times } from '../target.ts'
import { connectCouple } from './couple.ts'
import { VGA } from './sizes.ts'

/** Short, so that a run as fast as it goes holds a few hundred records and not the machine's memory. */
const REMAINING_S = 0.2

/** A client puts a record and waits for the server's answer. */
function clientPut(kind: EndpointKind): Bench {
  return {
    name: `client-put-${VGA.label}-${kind}`,
    title: `client puts ${VGA.label}, ${kind}`,
    peerName: 'robotmq',
    figure: MICROSECONDS,
    statistic: 'p50',
    target: times(1.5),
    prepare: async (stage, sides) => {
      const prepare = async (side: Side) => {
        const { server, client } = await connectCouple(stage, side, kind)
        await server.ask('addTopic', { topic: 'frames', remainingS: REMAINING_S })
        return client
      }
      const [ours, peer] = await Promise.all([prepare(sides.ours), prepare(sides.robotmq)])
      return {
        ours: (plan) => ours.ask('measurePut', { topic: 'frames', bytes: VGA.bytes, plan }),
        peer: (plan) => peer.ask('measurePut', { topic: 'frames', bytes: VGA.bytes, plan }),
      }
    },
  }
}

export const clientPutBenches: readonly Bench[] = [clientPut('ipc'), clientPut('tcp')]

import type { Bench } from '../../bench.ts'
import { PER_SECOND } from '../../figure.ts'
import { atLeastOurs } from '../../target.ts'
import { SMALL } from '../sizes.ts'
import { rawDelivery, tcpDelivery } from './couples.ts'
import { pourRaw, streamOurs } from './stream.ts'

const RECORDS = 200_000
const PER_SECOND_PUT = 200_000
/** Whoever is behind catches up: nothing is lost. */
const KEPT_S = 10

/** Small records, as many as get through. */
export const rateBench: Bench = {
  name: `network-rate-${SMALL.label}`,
  title: `records of ${SMALL.label} streamed to a subscriber, tcp`,
  peerName: 'zeromq.js',
  figure: PER_SECOND,
  statistic: 'p50',
  target: atLeastOurs(100_000),
  prepare: async (stage, sides) => {
    const ours = await tcpDelivery(stage, sides.ours, { remainingS: KEPT_S })
    const peer = await rawDelivery(stage, sides.ours)
    return {
      ours: async () => [await streamOurs(ours, SMALL, RECORDS, PER_SECOND_PUT)],
      peer: async () => [await pourRaw(peer, SMALL, RECORDS)],
    }
  },
}

import type { Bench } from '../../bench.ts'
import { PER_SECOND } from '../../figure.ts'
import { atLeast } from '../../target.ts'
import { VGA } from '../sizes.ts'
import { rawDelivery, tcpDelivery } from './couples.ts'
import { pourRaw, streamOurs } from './stream.ts'

const FRAMES = 1000
/** What does not go out by then is lost, but the last records never are. */
const KEPT = { remainingS: 10, maxBytes: 64 * 2 ** 20 }

/** Published as fast as bare sockets move them. */
export const framesBench: Bench = {
  name: `network-frames-${VGA.label}`,
  title: `pictures of ${VGA.label} streamed to a subscriber, tcp`,
  peerName: 'zeromq.js',
  figure: PER_SECOND,
  statistic: 'p50',
  target: atLeast(0.7),
  prepare: async (stage, sides) => {
    const ours = await tcpDelivery(stage, sides.ours, KEPT)
    const peer = await rawDelivery(stage, sides.ours)
    let perSecond = 1e9 / (await pourRaw(peer, VGA, FRAMES))
    return {
      ours: async () => [await streamOurs(ours, VGA, FRAMES, perSecond)],
      peer: async () => {
        const ns = await pourRaw(peer, VGA, FRAMES)
        perSecond = 1e9 / ns
        return [ns]
      },
    }
  },
}

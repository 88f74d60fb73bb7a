import type { CableOptions, Faults } from '@rmq/faults'

/** A link that both sides are measured over: a cable between networks, or a proxy that delays. */
export interface Condition {
  readonly title: string
  readonly cable?: CableOptions
  readonly proxy?: Faults
  /** Seconds that the cable is out, in the middle. */
  readonly pulledS?: number
}

/** As much as TCP lets wait on a fast and long way. */
const WINDOW_BYTES = 6 * 2 ** 20

/** The kernel of many a machine cannot delay packets, so a proxy does; what it can do by itself is its own. */
export const CONDITIONS: readonly Condition[] = [
  { title: '0 ms', cable: {} },
  { title: '20 ms', proxy: { delayS: 0.02, windowBytes: WINDOW_BYTES } },
  { title: '100 ms', proxy: { delayS: 0.1, windowBytes: WINDOW_BYTES } },
  { title: '50 Mbit/s, fair turns', proxy: { bytesPerSecond: 50e6 / 8 } },
  { title: '50 Mbit/s, one queue', cable: { bytesPerSecond: 50e6 / 8 } },
  { title: 'pulled for 5 s', cable: {}, pulledS: 5 },
]

import { once } from 'node:events'
import { type Orders, Pacer, PublishReporter, type PublishReporterOptions } from '@rmq/app-kit'
import { type RMQServer, steadyClockUs } from 'robotmq'
import { frameMessage, loanMessage } from './frame-message.ts'
import { type FrameSize, type FrameSource, frameBytes } from './frame-source.ts'
import { stopHalfway } from './stop-halfway.ts'

export interface CameraOptions extends FrameSize, PublishReporterOptions {
  readonly topic: string
  readonly rateHz: number
  /** The number of the first frame: a camera that takes another one's place goes on counting. */
  readonly firstFrame: number
}

/** A camera that was held up does not deliver old frames in a burst: after this it goes on with the present one. */
const GIVE_UP_S = 0.1
const REMAINING_S = 1
/** Frames that the topic has room for. Readers may hold a quarter of it in place, which is then missing for new ones. */
const CAPACITY_FRAMES = 38

/** @throws NATIVE_ADDON_MISSING, UNSUPPORTED, NO_SPACE */
export function addCameraTopic(server: RMQServer, topic: string, size: FrameSize): void {
  const capacityBytes = CAPACITY_FRAMES * frameBytes(size)
  server.addSharedMemoryTopic(topic, { messageRemainingTimeS: REMAINING_S, capacityBytes })
}

/**
 * Puts the source's frames on a topic until the signal aborts.
 * @throws when the source dies
 */
export async function runCamera(
  server: RMQServer,
  source: FrameSource,
  options: CameraOptions,
  signal: AbortSignal,
  orders: Orders,
): Promise<void> {
  const { topic, rateHz } = options
  const pacer = new Pacer({ rateHz, giveUpS: GIVE_UP_S })
  const reporter = new PublishReporter(topic, pacer, options)
  try {
    for (let frameId = options.firstFrame; !signal.aborted && !orders.has('rest'); frameId++) {
      if (!source.live) await pacer.tick(signal)
      const rgb = await source.next()
      const captureTimeS = steadyClockUs() / 1e6
      const message = frameMessage(rgb, options, frameId, captureTimeS)
      if (orders.has('stop halfway')) await stopHalfway(server, topic, message, signal)
      loanMessage(server, topic, message).commit({ captureTimeS })
      reporter.put(frameId, captureTimeS)
    }
    reporter.rest()
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    reporter.close()
  }
}

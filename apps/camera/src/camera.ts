import { Pacer, PublishReporter } from '@rmq/app-kit'
import { type RMQServer, steadyClockUs } from 'robotmq'
import { frameMessage } from './frame-message.ts'
import type { FrameSize, FrameSource } from './frame-source.ts'

export interface CameraOptions extends FrameSize {
  readonly topic: string
  readonly rateHz: number
  /** Report counts on stdout. */
  readonly report: boolean
}

/** A camera that was held up does not deliver old frames in a burst: after this it goes on with the present one. */
const GIVE_UP_S = 0.1

/**
 * Puts the source's frames on a topic until the signal aborts.
 * @throws when the source dies
 */
export async function runCamera(
  server: RMQServer,
  source: FrameSource,
  options: CameraOptions,
  signal: AbortSignal,
): Promise<void> {
  const { topic, rateHz } = options
  const pacer = new Pacer({ rateHz, giveUpS: GIVE_UP_S })
  const reporter = new PublishReporter(topic, pacer, options.report)
  try {
    for (let frameId = 1; !signal.aborted; frameId++) {
      if (!source.live) await pacer.tick(signal)
      const rgb = await source.next()
      const captureTimeS = steadyClockUs() / 1e6
      server.putData(topic, frameMessage(rgb, options, frameId, captureTimeS), { captureTimeS })
      reporter.put()
    }
  } finally {
    reporter.close()
  }
}

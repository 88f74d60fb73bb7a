import { once } from 'node:events'
import { type Orders, Pacer, PublishReporter, type PublishReporterOptions } from '@rmq/app-kit'
import { NDArray, type RMQServer, serialize, steadyClockUs } from 'robotmq'
import { jointState } from './joint-motion.ts'

export interface RobotOptions extends PublishReporterOptions {
  readonly topic: string
  readonly rateHz: number
}

/** Puts the joints' state on a topic until the signal aborts. */
export async function runRobot(
  server: RMQServer,
  options: RobotOptions,
  signal: AbortSignal,
  orders: Orders,
): Promise<void> {
  const { topic, rateHz } = options
  const pacer = new Pacer({ rateHz })
  const reporter = new PublishReporter(topic, pacer, options)
  try {
    for (let sequence = 1; !signal.aborted && !orders.has('rest'); sequence++) {
      await pacer.tick(signal)
      const t = steadyClockUs() / 1e6
      const { position, velocity } = jointState(t)
      const state = {
        position: NDArray.fromData(position, 'float64'),
        velocity: NDArray.fromData(velocity, 'float64'),
        t,
        sequence,
      }
      server.putData(topic, serialize(state), { captureTimeS: t })
      reporter.put(sequence, t)
    }
    reporter.rest()
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    reporter.close()
  }
}

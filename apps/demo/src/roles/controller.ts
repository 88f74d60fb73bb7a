import { type StreamReporter, writeReport } from '@rmq/app-kit'
import { type RMQClient, steadyClockUs } from 'robotmq'
import { parseFrame } from './frame.ts'
import { FrameAccount } from './frame-account.ts'
import { parseJointState } from './joint-state.ts'
import type { PolicyAsker } from './policy-asker.ts'

export interface ControllerPeers {
  readonly camera: Pick<RMQClient, 'subscribe'>
  readonly robot: Pick<RMQClient, 'peekData'>
  readonly asker: Pick<PolicyAsker, 'busy' | 'ask'>
  readonly frames: StreamReporter
}

/**
 * Follows the camera in place, without a copy, and checks every frame. Whenever the policy has answered, it is asked with
 * the newest frame and the newest joints.
 */
export async function runController(
  { camera, robot, asker, frames }: ControllerPeers,
  signal: AbortSignal,
  tell: typeof writeReport = writeReport,
): Promise<void> {
  const subscription = camera.subscribe('camera', { inPlace: true, signal })
  const account = new FrameAccount()
  let met: number | undefined
  for await (const message of subscription) {
    const atS = steadyClockUs() / 1e6
    const frame = parseFrame(message.data)
    const { frameId } = frame
    if (frame.camera !== met) tell({ met: frame.camera, atS })
    met = frame.camera
    const { lost, problem } = account.add(message, frameId, subscription.counts)
    frames.lost(lost, `${lost} frames were gone before frame ${frameId}`)
    if (problem !== undefined) frames.wrong(problem)
    if (!frame.intact) frames.wrong(`frame ${frameId} is not the picture that the camera put`)
    if (!asker.busy) {
      const [newest] = await robot.peekData('joint_states', -1, { signal })
      if (newest !== undefined) asker.ask(frame.image, parseJointState(newest.data).position)
    }
    // Last: whoever hears of this frame has then heard of the request about it.
    frames.seen({ latencyMs: (atS - frame.captureTimeS) * 1e3, number: frameId })
  }
}

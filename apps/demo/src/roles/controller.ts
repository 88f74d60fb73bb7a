import type { StreamReporter } from '@rmq/app-kit'
import { inferActions } from '@rmq/app-policy'
import { deserialize, NDArray, type RMQClient, RmqError, serialize, steadyClockUs } from 'robotmq'
import { parseFrame } from './frame.ts'
import { parseJointState } from './joint-state.ts'
import { newestFrames } from './newest-frames.ts'

const REQUEST_TIMEOUT_S = 2

export interface ControllerPeers {
  readonly camera: RMQClient
  readonly robot: RMQClient
  readonly policy: RMQClient
  readonly frames: StreamReporter
  readonly requests: StreamReporter
}

/** For each newest frame: asks the policy with it and the newest joints, and checks the answer to the last bit. */
export async function runController(peers: ControllerPeers, signal: AbortSignal): Promise<void> {
  for await (const { message, seenS, skipped } of newestFrames(peers.camera, 'camera', signal)) {
    const { captureTimeS = Number.NaN, data } = message
    peers.frames.seen({
      bytes: data.byteLength,
      latencyMs: (seenS - captureTimeS) * 1e3,
      newestS: captureTimeS,
      skipped,
    })
    const frame = parseFrame(data)
    if (!frame.intact) peers.frames.wrong(`frame ${frame.frameId} is not the picture that the camera put`)
    const [newest] = await peers.robot.peekData('joint_states', -1, { signal })
    if (newest === undefined) continue
    await askPolicy(peers, frame.image, parseJointState(newest.data).position, signal)
  }
}

async function askPolicy(
  { policy, requests }: ControllerPeers,
  image: NDArray<'uint8'>,
  joints: NDArray<'float64'>,
  signal: AbortSignal,
): Promise<void> {
  const observation = serialize({ image, joints })
  const startS = steadyClockUs() / 1e6
  try {
    const options = { timeoutS: REQUEST_TIMEOUT_S, automaticResend: false, signal }
    const reply = await policy.requestWithData('inference', observation, options)
    const newestS = steadyClockUs() / 1e6
    const bytes = observation.byteLength + reply.byteLength
    requests.seen({ bytes, latencyMs: (newestS - startS) * 1e3, newestS })
    if (!isAnswer(reply, inferActions(image, joints.data))) {
      requests.wrong('the policy answered with other actions than it must')
    }
  } catch (error) {
    if (signal.aborted || !RmqError.isInstance(error)) throw error
    requests.lost(1, `${error.code}: ${error.message}`)
  }
}

function isAnswer(reply: Uint8Array, expected: NDArray<'float32'>): boolean {
  const { actions } = (deserialize(reply) ?? {}) as Record<string, unknown>
  return (
    actions instanceof NDArray &&
    actions.is('float32') &&
    `${actions.shape}` === `${expected.shape}` &&
    Buffer.compare(actions.toBytes(), expected.toBytes()) === 0
  )
}

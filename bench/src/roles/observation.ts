import { NDArray } from 'robotmq'
import { payloadOf } from './payload.ts'

/** What a policy is sent: a picture, joint angles and a little text. Its twin is in python/codec_role.py. */
export function observation(): Record<string, unknown> {
  const joints = Float64Array.from({ length: 7 }, (_, i) => i / 10)
  return {
    image: NDArray.fromBytes(payloadOf(480 * 640 * 3), 'uint8', [480, 640, 3]),
    joints: NDArray.fromBytes(new Uint8Array(joints.buffer), 'float64', [7]),
    meta: { frame_id: 42, camera: 'wrist', gripper: 0.5, tags: ['left', 'calibrated'], valid: true },
  }
}

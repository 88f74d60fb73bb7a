import { NDArray } from 'robotmq'
import { payloadOf } from './payload.ts'

/** What is sent in the benches of codecs. */
export type ValueName = 'vga' | 'two-cameras' | '76MB' | '76MB-odd' | 'mixed'

const FIELDS = 1000

/** What a policy is sent, and what is harder than that. The twins are in python/observation.py. */
export function sampleValue(name: ValueName): Record<string, unknown> {
  switch (name) {
    case 'vga':
      return vga()
    case 'two-cameras':
      return twoCameras()
    case '76MB':
      return { cloud: NDArray.fromBytes(payloadOf(76_000_000), 'uint8', [76_000_000]) }
    case '76MB-odd':
      return { cloud: NDArray.fromBytes(payloadOf(76_000_000), 'float64', [9_500_000]) }
    case 'mixed':
      return mixed()
  }
}

/** A picture, joint angles and a little text. */
function vga(): Record<string, unknown> {
  const joints = Float64Array.from({ length: 7 }, (_, i) => i / 10)
  return {
    image: NDArray.fromBytes(payloadOf(480 * 640 * 3), 'uint8', [480, 640, 3]),
    joints: NDArray.fromBytes(new Uint8Array(joints.buffer), 'float64', [7]),
    meta: { frame_id: 42, camera: 'wrist', gripper: 0.5, tags: ['left', 'calibrated'], valid: true },
  }
}

/** What openpi's policies take: small pictures of two cameras, a state and the task. */
function twoCameras(): Record<string, unknown> {
  const picture = () => NDArray.fromBytes(payloadOf(224 * 224 * 3), 'uint8', [224, 224, 3])
  return {
    'observation/image': picture(),
    'observation/wrist_image': picture(),
    'observation/state': NDArray.fromData(
      Float32Array.from({ length: 32 }, (_, i) => i / 10),
      'float32',
    ),
    prompt: 'pick up the red cube and put it into the left box',
  }
}

/** Many small fields, as of a log record. */
function mixed(): Record<string, unknown> {
  const kinds = [
    (i: number) => i * 37,
    (i: number) => i / 7,
    (i: number) => `value of field ${i}`,
    (i: number) => i % 2 === 0,
    () => null,
    (i: number) => [i, i + 1, -i],
    (i: number) => ({ id: i, unit: 'mm', mean: i / 3 }),
  ]
  return Object.fromEntries(Array.from({ length: FIELDS }, (_, i) => [`field_${i}`, kinds[i % kinds.length]!(i)]))
}

import { NDArray } from 'robotmq'

/** Steps of an answer. */
export const HORIZON = 16
const GAIN = 0.1

/**
 * A stand-in for a trained network that both languages compute to the last bit: each joint drifts with the mean of one
 * colour. Exact, since the sums are integers and every other operation is one rounding of IEEE doubles in the order that
 * `python/policy.py` has too.
 * @param image uint8 [height, width, 3]
 * @returns float32 [HORIZON, joints]
 */
export function inferActions(image: NDArray<'uint8'>, joints: Float64Array): NDArray<'float32'> {
  const means = meanColours(image)
  const actions = new Float32Array(HORIZON * joints.length)
  for (let step = 0, at = 0; step < HORIZON; step++) {
    for (const [joint, position] of joints.entries()) {
      const drift = GAIN * (means[joint % 3]! - 0.5)
      actions[at++] = position + drift * ((step + 1) / HORIZON)
    }
  }
  return NDArray.fromData(actions, 'float32', [HORIZON, joints.length])
}

/** Red, green and blue, 0 to 1. */
function meanColours(image: NDArray<'uint8'>): readonly [number, number, number] {
  const { data } = image
  let red = 0
  let green = 0
  let blue = 0
  for (let at = 0; at < data.length; at += 3) {
    red += data[at]!
    green += data[at + 1]!
    blue += data[at + 2]!
  }
  const pixels = data.length / 3
  return [red / pixels / 255, green / pixels / 255, blue / pixels / 255]
}

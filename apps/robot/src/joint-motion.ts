export const JOINTS = 7

export interface JointState {
  /** Radians. */
  readonly position: Float64Array
  /** Radians per second. */
  readonly velocity: Float64Array
}

/** A slow sway: each joint a sine of its own frequency, with the velocity that belongs to it. */
export function jointState(timeS: number): JointState {
  const position = new Float64Array(JOINTS)
  const velocity = new Float64Array(JOINTS)
  for (let joint = 0; joint < JOINTS; joint++) {
    const omega = 2 * Math.PI * (0.1 + 0.03 * joint)
    position[joint] = 0.5 * Math.sin(omega * timeS + joint)
    velocity[joint] = 0.5 * omega * Math.cos(omega * timeS + joint)
  }
  return { position, velocity }
}

import { deserialize, NDArray } from 'robotmq'

export interface JointStateRecord {
  readonly position: NDArray<'float64'>
  /** When it was put, in seconds on the steady clock. */
  readonly t: number
  /** Counts the robot's records from 1. */
  readonly sequence: number
}

/** @throws when the payload is no state of the robot */
export function parseJointState(data: Uint8Array): JointStateRecord {
  const { position, t, sequence } = (deserialize(data) ?? {}) as Record<string, unknown>
  if (!(position instanceof NDArray) || !position.is('float64') || typeof sequence !== 'number') {
    throw new Error('the record on the joint topic is no state { position, velocity, t, sequence }')
  }
  return { position, t: Number(t), sequence }
}

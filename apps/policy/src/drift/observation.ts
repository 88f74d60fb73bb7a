import { NDArray } from 'robotmq'

/** What a controller asks with. */
export interface Observation {
  readonly image: NDArray<'uint8'>
  readonly joints: NDArray<'float64'>
  /** The asker's own number for the request, if it has one. */
  readonly request?: number
}

/** @throws naming what is not as it must be; a caller of the policy reads the message */
export function parseObservation(value: unknown): Observation {
  const { image, joints, request } = (value ?? {}) as Record<string, unknown>
  if (
    !(image instanceof NDArray) ||
    !image.is('uint8') ||
    image.ndim !== 3 ||
    image.shape[2] !== 3 ||
    image.size === 0
  ) {
    throw new Error(`observation.image must be uint8 [height, width, 3], got ${describe(image)}`)
  }
  if (!(joints instanceof NDArray) || !joints.is('float64') || joints.ndim !== 1) {
    throw new Error(`observation.joints must be float64 [joints], got ${describe(joints)}`)
  }
  return {
    image: image.toContiguous(),
    joints: joints.toContiguous(),
    ...(typeof request === 'number' ? { request } : {}),
  }
}

function describe(value: unknown): string {
  return value instanceof NDArray ? `${value.dtype.name} [${value.shape.join(', ')}]` : typeof value
}

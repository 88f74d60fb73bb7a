import { crc32 } from 'node:zlib'
import { deserialize, NDArray } from 'robotmq'

export interface Frame {
  readonly image: NDArray<'uint8'>
  /** Counts frames, also from one camera to the one that takes its place. */
  readonly frameId: number
  readonly captureTimeS: number
  /** The process that put it. */
  readonly camera: number
  /** Whether the picture is the one that the camera put. */
  readonly intact: boolean
}

/** @throws when the payload is no frame of the camera */
export function parseFrame(data: Uint8Array): Frame {
  const frame = (deserialize(data) ?? {}) as Record<string, unknown>
  const { image, frameId, captureTimeS, camera } = frame
  if (!(image instanceof NDArray) || !image.is('uint8') || typeof frameId !== 'number') {
    throw new Error('the record on the camera topic is no frame { image, frameId, captureTimeS, crc32, camera }')
  }
  return {
    image,
    frameId,
    captureTimeS: Number(captureTimeS),
    camera: Number(camera),
    intact: crc32(image.toBytes()) === frame['crc32'],
  }
}

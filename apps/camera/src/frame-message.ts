import { crc32 } from 'node:zlib'
import { NDArray, serialize } from 'robotmq'
import type { FrameSize } from './frame-source.ts'

/** A frame as it travels. The checksum lets every reader, in any language, tell a torn picture. */
export function frameMessage(rgb: Uint8Array, size: FrameSize, frameId: number, captureTimeS: number): Uint8Array {
  const image = NDArray.fromBytes(rgb, 'uint8', [size.height, size.width, 3])
  return serialize({ image, frameId, captureTimeS, crc32: crc32(rgb) })
}

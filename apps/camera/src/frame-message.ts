import { crc32 } from 'node:zlib'
import { type Loan, NDArray, type RMQServer, serializeInto } from 'robotmq'
import type { FrameSize } from './frame-source.ts'

/** A frame as it travels. */
export interface FrameMessage {
  readonly image: NDArray<'uint8'>
  readonly frameId: number
  readonly captureTimeS: number
  /** Lets every reader, in any language, tell a torn picture. */
  readonly crc32: number
  /** The process that put it. */
  readonly camera: number
}

export function frameMessage(rgb: Uint8Array, size: FrameSize, frameId: number, captureTimeS: number): FrameMessage {
  const image = NDArray.fromBytes(rgb, 'uint8', [size.height, size.width, 3])
  return { image, frameId, captureTimeS, crc32: crc32(rgb), camera: process.pid }
}

/** The message, written into the topic's own memory; nobody sees it before the commit. */
export function loanMessage(server: RMQServer, topic: string, message: FrameMessage): Loan {
  let loan: Loan | undefined
  serializeInto(message, (byteLength) => {
    loan = server.loan(topic, byteLength)
    return loan.bytes
  })
  return loan!
}

import { RmqError } from '@rmq/core'

/** Payloads from this size on travel in a frame of their own, uncopied. */
export const OWN_FRAME_BYTES = 4096

/**
 * The frames that carry the payloads, in order: each large payload is a frame, each run of small ones between them
 * shares one, and a run without bytes has none. Large payloads are the very objects given, never views of them: their
 * memory is in use for as long as somebody holds these.
 */
export function toPayloadFrames(payloads: readonly Uint8Array[]): Uint8Array[] {
  const frames: Uint8Array[] = []
  let index = 0
  while (index < payloads.length) {
    const payload = payloads[index]!
    if (payload.byteLength >= OWN_FRAME_BYTES) {
      frames.push(payload)
      index += 1
      continue
    }
    const end = endOfRun(payloads, index)
    const frame = end === index + 1 ? payload : pack(payloads, index, end)
    if (frame.byteLength > 0) frames.push(frame)
    index = end
  }
  return frames
}

/**
 * The payloads of the given lengths, taken out of the frames: views of the large ones and of a small one that had a
 * frame to itself, else copies, so that no small payload keeps its whole run in memory.
 * @throws MALFORMED_MESSAGE where frames and lengths do not agree
 */
export function fromPayloadFrames(lengths: readonly number[], frames: readonly Uint8Array[]): Uint8Array[] {
  const payloads = new Array<Uint8Array>(lengths.length)
  let nextFrame = 0
  let index = 0
  while (index < lengths.length) {
    let end = index + 1
    let bytes = lengths[index]!
    if (bytes < OWN_FRAME_BYTES) {
      while (end < lengths.length && lengths[end]! < OWN_FRAME_BYTES) bytes += lengths[end++]!
    }
    const frame = bytes === 0 ? undefined : frames[nextFrame++]
    if ((frame?.byteLength ?? 0) !== bytes) {
      throw new RmqError('MALFORMED_MESSAGE', `A payload frame of ${bytes} bytes is missing or has another length.`)
    }
    if (end === index + 1) {
      payloads[index++] = frame === undefined ? new Uint8Array(0) : wholeOf(frame)
      continue
    }
    let offset = 0
    while (index < end) {
      const length = lengths[index]!
      payloads[index++] = frame === undefined ? new Uint8Array(0) : copyOf(frame, offset, length)
      offset += length
    }
  }
  if (nextFrame !== frames.length) {
    throw new RmqError('MALFORMED_MESSAGE', `${frames.length} payload frames came where ${nextFrame} were told.`)
  }
  return payloads
}

function endOfRun(payloads: readonly Uint8Array[], start: number): number {
  let end = start + 1
  while (end < payloads.length && payloads[end]!.byteLength < OWN_FRAME_BYTES) end += 1
  return end
}

function pack(payloads: readonly Uint8Array[], start: number, end: number): Uint8Array {
  let bytes = 0
  for (let index = start; index < end; index++) bytes += payloads[index]!.byteLength
  const frame = new Uint8Array(bytes)
  let offset = 0
  for (let index = start; index < end; index++) {
    frame.set(payloads[index]!, offset)
    offset += payloads[index]!.byteLength
  }
  return frame
}

/** As a plain array: Buffer's methods differ from Uint8Array's. */
function wholeOf(frame: Uint8Array): Uint8Array {
  return new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength)
}

function copyOf(frame: Uint8Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(frame.buffer, frame.byteOffset + offset, length).slice()
}

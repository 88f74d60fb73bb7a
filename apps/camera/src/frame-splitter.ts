/**
 * Cuts a stream of bytes into frames of one size. Two buffers take turns: a frame is valid until the next but one is asked for.
 * Ends with the stream; a last frame that is not whole is left out.
 */
export async function* splitFrames(chunks: AsyncIterable<Uint8Array>, byteLength: number): AsyncGenerator<Uint8Array> {
  const buffers = [new Uint8Array(byteLength), new Uint8Array(byteLength)] as const
  let frames = 0
  let filled = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength; ) {
      const buffer = buffers[frames % 2 === 0 ? 0 : 1]
      const part = chunk.subarray(at, at + byteLength - filled)
      buffer.set(part, filled)
      at += part.byteLength
      filled += part.byteLength
      if (filled < byteLength) continue
      filled = 0
      frames += 1
      yield buffer
    }
  }
}

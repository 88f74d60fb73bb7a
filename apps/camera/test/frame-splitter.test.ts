import fc from 'fast-check'
import { expect, it } from 'vitest'
import { splitFrames } from '../src/frame-splitter.ts'

async function* stream(chunks: readonly Uint8Array[]) {
  yield* chunks
}

it('cuts any chunks into whole frames, in order', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 50 }), async (parts, size) => {
      const all = Buffer.concat(parts)
      const frames: Buffer[] = []
      for await (const frame of splitFrames(stream(parts), size)) frames.push(Buffer.from(frame))
      expect(frames.length).toBe(Math.floor(all.length / size))
      expect(Buffer.concat(frames)).toEqual(all.subarray(0, frames.length * size))
    }),
  )
})

it('leaves a frame alone while the next one is read', async () => {
  const frames = splitFrames(stream([Uint8Array.of(1, 2, 3, 4, 5, 6)]), 2)
  const first = (await frames.next()).value
  await frames.next()
  expect(first).toEqual(Uint8Array.of(1, 2))
})

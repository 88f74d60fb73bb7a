import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NDArray, type ResizeMethod, resize, resizeWithPad, serialize } from '../../src/index.ts'
import { havePython, PythonPeer } from '../python-peer.ts'
import { largestDifference } from './difference.ts'

const PIL = "__import__('PIL.Image', fromlist=['Image'])"
const OPENPI = "__import__('openpi_client.image_tools', fromlist=['image_tools'])"

const side = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(1, 2, 224, 240, 320))
const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 })

/** Noise and edges, from a seed: the pixels matter less than that all values come. */
function imageOf(height: number, width: number, channels: number, start: number): NDArray<'uint8'> {
  const image = NDArray.zeros([height, width, channels], 'uint8')
  let state = start
  const { data } = image
  for (let i = 0; i < data.length; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223
    data[i] = (start & 1) === 0 ? state >>> 24 : state >>> 31 === 0 ? 0 : 255
  }
  return image
}

describe.skipIf(!havePython())('with real openpi-client and Pillow', () => {
  let python: PythonPeer
  beforeAll(() => {
    python = new PythonPeer()
  })
  afterAll(() => python.close())

  it('resizeWithPad is within one grey level of openpi', async () => {
    await fc.assert(
      fc.asyncProperty(side, side, side, side, seed, async (height, width, newHeight, newWidth, start) => {
        const image = imageOf(height, width, 3, start)
        const expression = `${OPENPI}.resize_with_pad(x, ${newHeight}, ${newWidth})`
        const theirs = await python.evaluate(expression, serialize(image)).catch((error: Error) => error)
        if (theirs instanceof Error) {
          expect(theirs.message).toMatch(/must be > 0/)
          expect(() => resizeWithPad(image, newHeight, newWidth)).toThrow(/1 or more/)
          return
        }
        expect(largestDifference(resizeWithPad(image, newHeight, newWidth), theirs as NDArray)).toBeLessThanOrEqual(1)
      }),
      { seed: 20_261_121, numRuns: 150, examples: EXAMPLES },
    )
  })

  it('a batch of camera frames, too', async () => {
    const frames = NDArray.stack([imageOf(480, 640, 3, 1), imageOf(480, 640, 3, 2)])
    const theirs = (await python.evaluate(`${OPENPI}.resize_with_pad(x, 224, 224)`, serialize(frames))) as NDArray
    expect(largestDifference(resizeWithPad(frames, 224, 224), theirs)).toBeLessThanOrEqual(1)
  })

  it.each([
    ['bilinear', 1],
    ['nearest', 0],
  ] as const)('%s stretches as Pillow does', async (method: ResizeMethod, tolerance) => {
    await fc.assert(
      fc.asyncProperty(side, side, side, side, seed, async (height, width, newHeight, newWidth, start) => {
        const image = imageOf(height, width, 3, start)
        const resized = `${PIL}.fromarray(x).resize((${newWidth}, ${newHeight}), ${PIL}.${method.toUpperCase()})`
        const theirs = (await python.evaluate(`np.asarray(${resized})`, serialize(image))) as NDArray
        const ours = resize(image, newHeight, newWidth, { method })
        expect(largestDifference(ours, theirs)).toBeLessThanOrEqual(tolerance)
      }),
      { seed: 20_261_121, numRuns: 80 },
    )
  })

  it('area is the mean of what a pixel covers', async () => {
    const weights = 'lambda n, m: np.clip(np.minimum(np.arange(1, n + 1), (np.arange(m)[:, None] + 1) * n / m)'
    const cover = `(${weights} - np.maximum(np.arange(n), np.arange(m)[:, None] * n / m), 0, 1) * m / n)`
    await fc.assert(
      fc.asyncProperty(side, side, side, side, seed, async (height, width, newHeight, newWidth, start) => {
        const image = imageOf(height, width, 3, start).astype('float64')
        const call = `${cover}(${height}, ${newHeight}), ${cover}(${width}, ${newWidth})`
        const mean = `np.einsum('hy,wx,yxc->hwc', ${call}, x, optimize=True)`
        const theirs = (await python.evaluate(mean, serialize(image))) as NDArray
        const ours = resize(image, newHeight, newWidth, { method: 'area' })
        expect(largestDifference(ours, theirs)).toBeLessThan(1e-9)
      }),
      { seed: 20_261_121, numRuns: 40 },
    )
  })
})

/** Sizes of real cameras and policies, and narrow ones. */
const EXAMPLES: [number, number, number, number, number][] = [
  [480, 640, 224, 224, 1],
  [480, 640, 224, 224, 2],
  [720, 1280, 224, 224, 2],
  [360, 640, 256, 320, 2],
  [640, 480, 224, 224, 2],
  [224, 224, 224, 224, 2],
  [1, 200, 10, 10, 2],
  [200, 3, 224, 224, 2],
]

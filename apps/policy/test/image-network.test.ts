import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { fromTensor, hwcToChw, type NDArray, readNpy, resize, toTensor, writeNpy } from 'robotmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { farthest } from './support/golden.ts'
import { needVisionPython } from './support/vision-python.ts'

const detector = fileURLToPath(new URL('./support/detector.py', import.meta.url))
/** One level of 255, where numbers go from -1 to 1. */
const GREY_LEVEL = 2 / 255
const ROUNDING = 1e-6
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rmq-detector-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function python(file: string, ...args: readonly string[]): string {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  return execFileSync(file, [detector, folder, ...args], { encoding: 'utf8', env }).trim()
}

function read(name: string): NDArray<'float32'> {
  return readNpy(readFileSync(path.join(folder, `${name}.npy`))) as NDArray<'float32'>
}

/** A picture as the network takes it: float32 [1, 3, height, width], -1 to 1. */
function preprocess(picture: NDArray<'uint8'>, height: number, width: number): NDArray<'float32'> {
  const numbers = hwcToChw(resize(picture, height, width)).astype('float32')
  const { data } = numbers
  for (let at = 0; at < data.length; at++) data[at] = data[at]! / 127.5 - 1
  return numbers.reshape(1, 3, height, width)
}

describe("rapidocr's text detector finds in pictures that were made ready here what it finds in Python", () => {
  it.each([
    // As large as the network takes pictures: only the arithmetic is compared.
    { height: 736, width: 960, greyLevels: 0, heat: 1e-4, pixels: 0 },
    // The common picture of a robot's camera has to grow. OpenCV and Pillow differ by a grey level there, and the
    // network's certainty of a pixel (0 to 1) by 0.02.
    { height: 480, width: 640, greyLevels: 1, heat: 0.1, pixels: 1 },
  ])('$height x $width', async ({ height, width, greyLevels, heat, pixels }, context) => {
    const vision = needVisionPython(context)
    const network = python(vision, `${height}`, `${width}`)
    const expected = { input: read('input'), heatmap: read('heatmap'), boxes: read('boxes') }
    const [, , rows, columns] = expected.input.shape
    const picture = read('picture') as unknown as NDArray<'uint8'>
    const input = preprocess(picture, rows!, columns!)
    expect(farthest(input, expected.input)).toBeLessThan(greyLevels * GREY_LEVEL + ROUNDING)

    const session = await InferenceSession.create(network, { executionProviders: ['cpu'] })
    const { type, data, dims } = toTensor(input)
    const outputs = await session.run({ [session.inputNames[0]!]: new Tensor(type, data, dims) })
    const heatmap = fromTensor(outputs[session.outputNames[0]!]!) as NDArray<'float32'>
    await session.release()
    expect(farthest(heatmap, expected.heatmap)).toBeLessThan(heat)

    writeFileSync(path.join(folder, 'our-heatmap.npy'), writeNpy(heatmap))
    python(vision)
    const boxes = read('our-boxes')
    expect(boxes.shape).toEqual([4, 4, 2])
    expect(farthest(boxes, expected.boxes)).toBeLessThanOrEqual(pixels)
  })
})

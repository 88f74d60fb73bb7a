import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NDArray, resize, resizeWithPad } from '../../src/index.ts'
import { largestDifference } from './difference.ts'

interface Described {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly base64: string
}

interface Case {
  readonly method: 'pad' | 'bilinear' | 'nearest' | 'area'
  readonly expression: string
  readonly height: number
  readonly width: number
  readonly image: Described
  readonly result: Described
}

const GOLDEN = new URL('../../testdata/image/golden.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { readonly cases: readonly Case[] }

function arrayOf({ dtype, shape, base64 }: Described): NDArray {
  return NDArray.fromBytes(new Uint8Array(Buffer.from(base64, 'base64')), dtype, shape)
}

describe('images as Python resizes them', () => {
  it.each(cases)('$expression, $image.shape to $height x $width (%#)', ({ method, height, width, image, result }) => {
    const source = arrayOf(image)
    const before = source.copy()
    const ours = method === 'pad' ? resizeWithPad(source, height, width) : resize(source, height, width, { method })
    expect(ours.shape).toEqual(result.shape)
    expect(ours.dtype.str).toBe(result.dtype)
    // OpenCV rounds once where we round after each pass.
    expect(largestDifference(ours, arrayOf(result))).toBeLessThanOrEqual(method === 'area' ? 1 : 0)
    expect(source.equals(before)).toBe(true)
  })

  it('there are some of each', () => {
    expect(new Set(cases.map(({ method }) => method)).size).toBe(4)
  })
})

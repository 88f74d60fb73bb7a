import { describe, expect, it } from 'vitest'
import {
  bgrToRgb,
  centerCrop,
  chwToHwc,
  crop,
  fromImageData,
  hwcToChw,
  NDArray,
  resize,
  resizeWithPad,
  rgbToBgr,
  toImageData,
} from '../../src/index.ts'

const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' })
const counted = (...shape: number[]) => {
  const image = NDArray.zeros(shape, 'uint8')
  image.data.forEach((_, i, data) => {
    data[i] = i
  })
  return image
}

describe('channels', () => {
  it('are swapped in a copy', () => {
    const bgr = counted(1, 2, 3)
    expect(bgrToRgb(bgr).toNested()).toEqual([
      [
        [2, 1, 0],
        [5, 4, 3],
      ],
    ])
    expect(rgbToBgr(bgrToRgb(bgr)).equals(bgr)).toBe(true)
    expect(bgr.at(0, 0, 0)).toBe(0)
    expect(bgrToRgb(counted(1, 1, 4)).toNested()).toEqual([[[2, 1, 0, 3]]])
    expect(bgrToRgb(counted(4, 2, 3).slice([null, null, 2], 1)).toNested()).toEqual([
      [5, 4, 3],
      [17, 16, 15],
    ])
    expect(() => bgrToRgb(counted(3, 4, 2))).toThrow(invalid)
  })

  it.each(['uint8', 'float16', 'float32', 'float64', 'int64', 'complex64'] as const)(
    'of %s go first and last',
    (name) => {
      const image = NDArray.from(counted(2, 4, 5, 3).reshape(-1).astype('float64').toNested() as number[])
      const frames = name === 'complex64' ? NDArray.zeros([2, 4, 5, 3], name) : image.astype(name).reshape(2, 4, 5, 3)
      const planes = hwcToChw(frames)
      expect(planes.shape).toEqual([2, 3, 4, 5])
      expect(planes.isContiguous).toBe(true)
      expect(planes.at(1, 2, 3, 4)).toEqual(frames.at(1, 3, 4, 2))
      expect(planes.equals(frames.transpose(0, 3, 1, 2))).toBe(true)
      expect(chwToHwc(planes).equals(frames)).toBe(true)
      expect(() => hwcToChw(counted(4, 4))).toThrow(invalid)
    },
  )
})

describe('crop', () => {
  it('is a window', () => {
    const image = counted(6, 7, 3)
    const window = crop(image, { top: 1, left: 2, height: 2, width: 3 })
    expect(window.equals(image.slice([1, 3], [2, 5]))).toBe(true)
    window.set([0, 0, 0], 200)
    expect(image.at(1, 2, 0)).toBe(200)
    expect(crop(counted(6, 7), { height: 6, width: 7 }).shape).toEqual([6, 7])
    expect(centerCrop(counted(2, 6, 7, 3), 3, 3).equals(counted(2, 6, 7, 3).slice(null, [1, 4], [2, 5]))).toBe(true)
  })

  it('stays in the image', () => {
    for (const box of [
      { height: 7, width: 1 },
      { top: 4, height: 3, width: 1 },
      { left: -1, height: 1, width: 1 },
    ]) {
      expect(() => crop(counted(6, 7, 3), box)).toThrow(invalid)
    }
    expect(() => centerCrop(counted(6, 7, 3), 6, 8)).toThrow(invalid)
    expect(() => crop(counted(6), { height: 1, width: 1 })).toThrow(invalid)
  })
})

describe('resize', () => {
  it('keeps dtype and axes', () => {
    expect(resize(counted(4, 6), 2, 3, { method: 'area' }).toNested()).toEqual([
      [4, 6, 8],
      [16, 18, 20],
    ])
    expect(resize(counted(2, 2, 4, 6, 1), 2, 3).shape).toEqual([2, 2, 2, 3, 1])
    const depth = NDArray.from([[1000, 60_000]], 'uint16')
    expect(resize(depth, 1, 1).toNested()).toEqual([[30_500]])
    expect(resize(depth, 2, 2, { method: 'nearest' }).toNested()).toEqual([
      [1000, 60_000],
      [1000, 60_000],
    ])
    const labels = NDArray.from([[1n, -2n]], 'int64')
    expect(resize(labels, 1, 4, { method: 'nearest' }).toNested()).toEqual([[1n, 1n, -2n, -2n]])
  })

  it('takes views', () => {
    const image = counted(8, 9, 3)
    const view = image.slice([null, null, -1], [1, 8, 2])
    expect(resize(view, 3, 5).equals(resize(view.copy(), 3, 5))).toBe(true)
    expect(resizeWithPad(view, 6, 6).equals(resizeWithPad(view.copy(), 6, 6))).toBe(true)
  })

  it('gives a copy of an image that has the size', () => {
    const image = counted(4, 6, 3)
    const same = resize(image, 4, 6)
    expect(same.equals(image)).toBe(true)
    expect(same.data.buffer).not.toBe(image.data.buffer)
    expect(resizeWithPad(image, 4, 6)).toBe(image)
  })

  it('takes empty batches, not empty images', () => {
    expect(resize(NDArray.zeros([0, 4, 4, 3], 'uint8'), 2, 2).shape).toEqual([0, 2, 2, 3])
    expect(() => resize(NDArray.zeros([0, 4, 3], 'uint8'), 2, 2)).toThrow(invalid)
    for (const size of [0, 1.5, -1, Number.NaN]) expect(() => resize(counted(4, 4, 3), size, 2)).toThrow(invalid)
    expect(() => resizeWithPad(counted(1, 100, 3), 10, 10)).toThrow(invalid)
  })

  it('says what it cannot average', () => {
    for (const name of ['bool', 'int64', 'float16', 'complex64'] as const) {
      expect(() => resize(NDArray.zeros([4, 4], name), 2, 2)).toThrow(/nearest/)
    }
    expect(() => resize(counted(4, 4), 2, 2, { method: 'cubic' as never })).toThrow(invalid)
  })
})

describe('ImageData', () => {
  it('is an array on its memory', () => {
    const image = { data: new Uint8ClampedArray(2 * 3 * 4), width: 3, height: 2 }
    const array = fromImageData(image)
    expect(array.shape).toEqual([2, 3, 4])
    array.set([1, 2, 3], 255)
    expect(image.data.at(-1)).toBe(255)
    expect(array.slice(null, null, [0, 3]).shape).toEqual([2, 3, 3])
  })

  it('is made of grey, rgb and rgba', () => {
    expect(toImageData(counted(1, 2))).toEqual({
      data: Uint8ClampedArray.of(0, 0, 0, 255, 1, 1, 1, 255),
      width: 2,
      height: 1,
    })
    expect(toImageData(counted(2, 1, 3)).data).toEqual(Uint8ClampedArray.of(0, 1, 2, 255, 3, 4, 5, 255))
    const rgba = counted(2, 3, 4)
    expect(fromImageData(toImageData(rgba)).equals(rgba)).toBe(true)
    expect(() => toImageData(counted(2, 2, 2))).toThrow(invalid)
    expect(() => toImageData(NDArray.zeros([2, 2], 'float32') as never)).toThrow(invalid)
  })
})

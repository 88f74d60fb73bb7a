import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Complex, dtype, fromTensor, NDArray, toTensor } from '../src/index.ts'

const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('NDArray.fromData', () => {
  it('takes the dtype from the typed array', () => {
    const image: NDArray<'uint8'> = NDArray.fromData(new Uint8ClampedArray(6), [2, 3])
    const joints: NDArray<'float64'> = NDArray.fromData(new Float64Array([1, 2]))
    const ticks: NDArray<'int64'> = NDArray.fromData(BigInt64Array.of(1n), [1])
    expect([image.dtype.name, joints.dtype.name, ticks.dtype.name]).toEqual(['uint8', 'float64', 'int64'])
    expect([image.shape, joints.shape, ticks.at(0)]).toEqual([[2, 3], [2], 1n])
    expect(NDArray.fromData(Buffer.from('ab')).toNested()).toEqual([97, 98])
    joints.data[0] = 5
    expect(joints.at(0)).toBe(5)
  })

  it('or from the caller, where it holds bits', () => {
    expect(NDArray.fromData(Uint16Array.of(0x3c00), 'float16').at(0)).toBe(1)
    expect(NDArray.fromData(Uint8Array.of(1, 0), 'bool', [2, 1]).toNested()).toEqual([[true], [false]])
    expect(NDArray.fromData(Float32Array.of(1, 2), 'complex64').at(0)).toEqual(new Complex(1, 2))
  })

  it('takes typed arrays only', () => {
    expect(() => NDArray.fromData(new DataView(new ArrayBuffer(2)) as never)).toThrow(invalid)
    expect(() => NDArray.fromData([1, 2] as never)).toThrow(invalid)
    expect(() => NDArray.fromData(new Uint8Array(5), [2, 3])).toThrow(invalid)
    expect(() => NDArray.fromData(new Uint16Array(2), dtype('>u2') as never)).toThrow(invalid)
  })
})

describe('rows', () => {
  it('are views, of one axis less', () => {
    const array = NDArray.zeros([2, 3], 'int32')
    for (const row of array.rows()) row.set([1], 7)
    expect(array.toNested()).toEqual([
      [0, 7, 0],
      [0, 7, 0],
    ])
    expect([...NDArray.from([1, 2]).rows()].map((row) => row.at())).toEqual([1, 2])
    expect([...NDArray.from(1).rows()]).toEqual([])
  })
})

describe('stack and assign', () => {
  it('make a batch and take it apart', () => {
    const views = [NDArray.from([[1, 2]]), NDArray.from([[3], [4]]).transpose()]
    const batch = NDArray.stack(views)
    expect(batch.toNested()).toEqual([[[1, 2]], [[3, 4]]])
    expect([...batch.rows()].every((row, i) => row.equals(views[i]!))).toBe(true)
    expect(() => NDArray.stack([])).toThrow(invalid)
    expect(() => NDArray.stack([NDArray.from([1]), NDArray.from([1, 2])])).toThrow(invalid)
  })

  it('copy into a window', () => {
    const image = NDArray.zeros([4, 4], 'uint8')
    image.slice([1, 3], [0, 4, 2]).assign(NDArray.from([[1, 2], [3, 4]], 'uint8')) // biome-ignore format: rows
    expect(image.toNested()).toEqual([
      [0, 0, 0, 0],
      [1, 0, 2, 0],
      [3, 0, 4, 0],
      [0, 0, 0, 0],
    ])
    expect(() => image.assign(NDArray.zeros([4, 4], 'int8') as never)).toThrow(invalid)
    expect(() => image.assign(NDArray.zeros([4], 'uint8'))).toThrow(invalid)
    expect(() => NDArray.zeros([1], dtype('<U2')).assign(NDArray.zeros([1], dtype('>U2')))).toThrow(invalid)
  })

  it('may overlap', () => {
    const line = NDArray.from([1, 2, 3, 4], 'uint8')
    line.slice([1]).assign(line.slice([0, 3]))
    expect(line.toNested()).toEqual([1, 1, 2, 3])
    line.assign(line.slice([null, null, -1]))
    expect(line.toNested()).toEqual([3, 2, 1, 1])
  })
})

describe('equals', () => {
  it('compares dtype, shape and elements', () => {
    const array = NDArray.from([[1, 2], [3, 4]], 'float32') // biome-ignore format: rows
    expect(array.equals(array.transpose().copy().transpose())).toBe(true)
    expect(array.equals(array.transpose())).toBe(false)
    expect(array.equals(array.reshape(4))).toBe(false)
    expect(array.equals(array.astype('float64'))).toBe(false)
    expect(NDArray.zeros([2], dtype('>f4')).equals(NDArray.zeros([2], 'float32'))).toBe(true)
    expect(NDArray.from(['ab', 'c'], dtype('<U2')).equals(NDArray.from(['ab', 'c'], dtype('>U5')))).toBe(true)
    expect(NDArray.from([new Complex(1, 2)]).equals(NDArray.from([new Complex(1, 3)]))).toBe(false)
    const names = NDArray.from([Uint8Array.of(97)] as never[], dtype('S2'))
    expect(names.equals(NDArray.from([Uint8Array.of(97)] as never[], dtype('S3')))).toBe(true)
    expect(names.equals(NDArray.from([Uint8Array.of(97, 98)] as never[], dtype('S3')))).toBe(false)
  })

  it.each(['float16', 'float32', 'float64'] as const)('knows zeros and NaN of %s', (name) => {
    expect(NDArray.from([0], name).equals(NDArray.from([-0], name))).toBe(true)
    expect(NDArray.from([NaN], name).equals(NDArray.from([NaN], name))).toBe(false)
    expect(NDArray.from([NaN], name).equals(NDArray.from([NaN], name), { equalNaN: true })).toBe(true)
    expect(NDArray.from([NaN], name).equals(NDArray.from([1], name), { equalNaN: true })).toBe(false)
  })
})

describe('astype', () => {
  it('wraps 64-bit integers exactly', () => {
    const large = NDArray.from([2n ** 60n + 5n, -1n], 'int64')
    expect(large.astype('uint8').toNested()).toEqual([5, 255])
    expect(large.astype('uint64').toNested()).toEqual([2n ** 60n + 5n, 2n ** 64n - 1n])
    expect(large.astype('float32').at(0)).toBe(2 ** 60)
  })

  it('takes anything but 0 for true', () => {
    expect(NDArray.from([NaN, 0, -0, 2]).astype('bool').toNested()).toEqual([true, false, false, true])
    expect(NDArray.from([0, 6e-8, -0], 'float16').astype('bool').toNested()).toEqual([false, true, false])
    expect(NDArray.from([5n, 0n]).astype('bool').toNested()).toEqual([true, false])
  })

  it('rounds to float16 once', () => {
    expect(
      NDArray.from([1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -11, 65_519.99])
        .astype('float16')
        .toNested(),
    ).toEqual([1 + 2 ** -10, 1, 65_504])
  })
})

describe('copies of views', () => {
  // Short axes and long ones are copied in different ways.
  const SHAPES = fc
    .tuple(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }), fc.nat(3), fc.boolean())
    .map(([shape, axis, isLong]) => (isLong && axis < shape.length ? shape.with(axis, 150) : shape))
  const view = fc
    .tuple(
      fc.constantFrom('uint8', 'int16', 'float32', 'float64', 'int64', 'complex128', '<U3'),
      SHAPES,
      fc.infiniteStream(fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0)),
      fc.infiniteStream(fc.nat(3)),
    )
    .map(([name, shape, steps, picks]) => {
      const whole = NDArray.zeros(shape, dtype(name))
      const bytes = whole.data as Uint8Array
      new Uint8Array(bytes.buffer).forEach((_, i, all) => {
        all[i] = name === '<U3' ? (i % 4 === 0 ? 65 + (i % 26) : 0) : (i * 31) % 120
      })
      const sliced = whole.slice(...shape.map(() => [null, null, steps.next().value!] as const))
      const order = shape
        .map((_, axis) => axis)
        .sort((a, b) => ((picks.next().value! + a) % 4) - ((picks.next().value! + b) % 4))
      return sliced.transpose(...order)
    })

  it('hold the same elements', () => {
    fc.assert(
      fc.property(view, (array) => {
        const copy = array.copy()
        expect(copy.isContiguous).toBe(true)
        expect(copy.toNested()).toEqual(array.toNested())
        const back = NDArray.zeros(array.shape.toReversed(), array.dtype).transpose()
        expect(back.assign(array).toNested()).toEqual(array.toNested())
        expect(array.equals(copy)).toBe(true)
      }),
      { seed: 20_261_121, numRuns: 300 },
    )
  })
})

describe('tensors of onnxruntime', () => {
  it('are arrays on their memory', () => {
    const data = Float32Array.of(1, 2, 3, 4)
    const array = fromTensor({ type: 'float32', data, dims: [2, 2] })
    array.set([0, 0], 9)
    expect(data[0]).toBe(9)
    expect(fromTensor({ type: 'int64', data: BigInt64Array.of(1n), dims: [1] }).toNested()).toEqual([1n])
    expect(fromTensor({ type: 'float16', data: Uint16Array.of(0x3c00), dims: [1] }).at(0)).toBe(1)
    expect(fromTensor({ type: 'bool', data: Uint8Array.of(1), dims: [] }).at()).toBe(true)
    for (const type of ['string', 'int4', 'complex64'] as const) {
      expect(() => fromTensor({ type, data: type === 'string' ? ['a'] : data, dims: [4] })).toThrow(invalid)
    }
  })

  it('are made of arrays', () => {
    const array = NDArray.from([[1, 2], [3, 4]], 'float32') // biome-ignore format: rows
    const tensor = toTensor(array)
    const data: Float32Array = tensor.data
    expect(tensor).toEqual({ type: 'float32', data: Float32Array.of(1, 2, 3, 4), dims: [2, 2] })
    expect(data.buffer).toBe(array.data.buffer)
    expect(toTensor(array.transpose()).data).toEqual(Float32Array.of(1, 3, 2, 4))
    expect(() => toTensor(NDArray.zeros([1], 'complex64') as never)).toThrow(invalid)
  })
})

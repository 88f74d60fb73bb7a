import { describe, expect, it } from 'vitest'
import { Complex, dtype, NDArray, type NumericDTypeName } from '../src/index.ts'

const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('NDArray.fromBytes', () => {
  it('shares memory where it can', () => {
    const bytes = new Uint8Array(24)
    const array = NDArray.fromBytes(bytes, 'float32', [2, 3])
    array.set([1, 2], 1.5)
    expect(new Float32Array(bytes.buffer)[5]).toBe(1.5)
    expect(array.data.buffer).toBe(bytes.buffer)
  })

  it('copies unaligned and foreign bytes', () => {
    const bytes = new Uint8Array(9).subarray(1)
    bytes.set([0, 0, 0, 1, 0, 0, 1, 0])
    const array = NDArray.fromBytes(bytes, '>u4', [2])
    expect(array.toNested()).toEqual([1, 256])
    expect(array.dtype.str).toBe('>u4')
    expect(array.data).toEqual(new Uint32Array([1, 256]))
    expect(array.toBytes()).toEqual(new Uint8Array(bytes))
    expect(NDArray.fromBytes(bytes, '<u4', [2]).data.buffer).not.toBe(bytes.buffer)
  })

  it('takes Fortran order', () => {
    const array = NDArray.fromBytes(new Uint8Array([0, 3, 1, 4, 2, 5]), 'uint8', [2, 3], { order: 'F' })
    expect(array.toNested()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
    expect(array.toBytes()).toEqual(new Uint8Array([0, 1, 2, 3, 4, 5]))
    expect(array.strides).toEqual([1, 2])
  })

  it('wants the bytes to fill the shape', () => {
    expect(() => NDArray.fromBytes(new Uint8Array(5), 'uint8', [2, 3])).toThrow(invalid)
    expect(() => NDArray.fromBytes(new Uint8Array(5), 'uint8', [-5])).toThrow(invalid)
    expect(() => NDArray.fromBytes(new Uint8Array(0), 'uint8', [2 ** 40, 2 ** 40, 0])).not.toThrow()
    expect(() => NDArray.fromBytes(new Uint8Array(0), 'uint8', [2 ** 40, 2 ** 40])).toThrow(invalid)
    expect(() => NDArray.fromBytes(new Uint8Array(8), 'float65', [1])).toThrow(/float65/)
  })
})

describe('elements', () => {
  const cases: [NumericDTypeName, unknown[]][] = [
    ['bool', [true, false]],
    ['int8', [-128, 127]],
    ['int16', [-32768, 32767]],
    ['int32', [-(2 ** 31), 2 ** 31 - 1]],
    ['int64', [-(2n ** 63n), 2n ** 63n - 1n]],
    ['uint8', [0, 255]],
    ['uint16', [0, 65535]],
    ['uint32', [0, 2 ** 32 - 1]],
    ['uint64', [0n, 2n ** 64n - 1n]],
    ['float16', [0.5, -65504]],
    ['float32', [0.5, -Infinity]],
    ['float64', [Math.PI, -0]],
    ['complex64', [new Complex(1, -2), new Complex(0, 0.5)]],
    ['complex128', [new Complex(Math.PI, -2), new Complex(0, 0.1)]],
  ]

  it.each(cases)('of %s come back', (name, elements) => {
    const array = NDArray.from(elements, name)
    expect(array.toNested()).toEqual(elements)
    expect(array.at(-1)).toEqual(elements[1])
    expect(array.byteLength).toBe(2 * dtype(name).itemSize)
    const foreign = dtype(`>${array.dtype.str.slice(1)}`)
    const swapped = NDArray.fromBytes(NDArray.fromBytes(array.toBytes(), name, [2]).toBytes().slice(), name, [2])
    expect(swapped.toNested()).toEqual(elements)
    expect(NDArray.fromBytes(new Uint8Array(foreign.itemSize), foreign, [1]).toBytes()).toHaveLength(foreign.itemSize)
  })

  it('of text, bytes and times can be read', () => {
    const text = NDArray.fromBytes(
      new Uint8Array([0x61, 0, 0, 0, 0, 0, 0, 0, 0xe5, 0x65, 0, 0, 0x62, 0, 0, 0]),
      '<U2',
      [2],
    )
    expect(text.toNested()).toEqual(['a', '\u65e5b'])
    expect(NDArray.fromBytes(new Uint8Array([97, 0, 0, 97]), 'S2', [2]).at(0)).toEqual(new Uint8Array([97]))
    expect(NDArray.fromBytes(new Uint8Array([97, 0, 0, 97]), 'V2', [2]).at(0)).toEqual(new Uint8Array([97, 0]))
    expect(NDArray.fromBytes(new Uint8Array([5, 0, 0, 0, 0, 0, 0, 0]), 'M8[ns]', [1]).at(0)).toBe(5n)
  })

  it('must suit the dtype', () => {
    expect(() => NDArray.from(['a'] as never, 'float64')).toThrow(invalid)
    expect(() => NDArray.from([1], 'bool')).toThrow(invalid)
    expect(() => NDArray.from([0.5], 'int64')).toThrow(invalid)
    expect(NDArray.from([1, 2n], 'int64').toNested()).toEqual([1n, 2n])
    expect(() => NDArray.zeros([2], dtype('U3')).set([0], 'long' as never)).toThrow(invalid)
  })

  it('are found by one index an axis', () => {
    const array = NDArray.from([[1, 2, 3]])
    expect(array.at(0, -1)).toBe(3)
    expect(() => array.at(0)).toThrow(invalid)
    expect(() => array.at(0, 3)).toThrow(invalid)
    expect(() => array.at(0, 0.5)).toThrow(invalid)
  })
})

it('is iterated along the first axis', () => {
  expect([...NDArray.from([1, 2])]).toEqual([1, 2])
  const rows = [
    ...NDArray.from([
      [1, 2],
      [3, 4],
    ]),
  ] as NDArray[]
  expect(rows.map((row) => row.toNested())).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect([...NDArray.from(5)]).toEqual([5])
  expect(NDArray.from([[1, 2]])).not.toEqual(NDArray.from([[1, 3]]))
})

describe('NDArray.from', () => {
  it('infers shape and dtype', () => {
    expect(NDArray.from([[1, 2]]).dtype.name).toBe('float64')
    expect(NDArray.from([true]).dtype.name).toBe('bool')
    expect(NDArray.from([1n]).dtype.name).toBe('int64')
    expect(NDArray.from([1, new Complex(1, 2)]).dtype.name).toBe('complex128')
    expect(NDArray.from([[], []]).shape).toEqual([2, 0])
    expect(NDArray.from(3).shape).toEqual([])
  })

  it('refuses ragged rows', () => {
    for (const ragged of [
      [[1], [1, 2]],
      [1, [2]],
      [[1], 2],
    ])
      expect(() => NDArray.from(ragged)).toThrow(invalid)
  })
})

describe('views', () => {
  const array = NDArray.from(
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ],
    'int16',
  )

  it('slice as Python does', () => {
    expect(array.slice([1]).toNested()).toEqual([
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ])
    expect(array.slice(1).toNested()).toEqual([4, 5, 6, 7])
    expect(array.slice(null, -1).toNested()).toEqual([3, 7, 11])
    expect(array.slice([null, null, -2], [1, -1]).toNested()).toEqual([
      [9, 10],
      [1, 2],
    ])
    expect(array.slice([5, 9]).shape).toEqual([0, 4])
    expect(array.slice(0, [-100, 100, 3]).toNested()).toEqual([0, 3])
    expect(() => array.slice([0, 1, 0])).toThrow(invalid)
    expect(() => array.slice(0, 0, 0)).toThrow(invalid)
  })

  it('write through', () => {
    const copy = array.copy()
    copy.slice(1, [null, null, -1]).set([0], -7)
    expect(copy.at(1, 3)).toBe(-7)
    expect(array.at(1, 3)).toBe(7)
  })

  it('give data when contiguous', () => {
    expect(array.slice([1, 3]).data).toEqual(Int16Array.of(4, 5, 6, 7, 8, 9, 10, 11))
    expect(() => array.transpose().data).toThrow(invalid)
    expect(array.transpose().toContiguous().data).toEqual(Int16Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11))
    expect(array.toContiguous()).toBe(array)
  })

  it('transpose and reshape', () => {
    expect(array.transpose().shape).toEqual([4, 3])
    expect(array.transpose(1, 0).strides).toEqual([2, 8])
    expect(() => array.transpose(0, 0)).toThrow(invalid)
    expect(array.reshape(2, -1).toNested()).toEqual([
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10, 11],
    ])
    expect(array.transpose().reshape(12).at(1)).toBe(4)
    expect(() => array.reshape(5, -1)).toThrow(invalid)
    expect(() => array.reshape(13)).toThrow(invalid)
  })

  it('work for complex numbers and text, whose elements are wider than their units', () => {
    const complex = NDArray.from([[new Complex(1, 2), new Complex(3, 4)]], 'complex64')
    expect(complex.transpose().copy().data).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(complex.slice(0, [null, null, -1]).toContiguous().data).toEqual(Float32Array.of(3, 4, 1, 2))
    expect(
      NDArray.from([['ab', 'c']], dtype('U2'))
        .transpose()
        .copy()
        .toNested(),
    ).toEqual([['ab'], ['c']])
  })
})

describe('astype', () => {
  it('converts real numbers', () => {
    expect(NDArray.from([0.5, -2.7, 300], 'float16').astype('int32').toNested()).toEqual([0, -2, 300])
    expect(NDArray.from([-2.7, 3]).astype('int64').toNested()).toEqual([-2n, 3n])
    expect(NDArray.from([5n]).astype('float32').toNested()).toEqual([5])
    expect(NDArray.from([0, 2]).astype('bool').astype('uint8').toNested()).toEqual([0, 1])
    expect(() => NDArray.from([Number.NaN]).astype('int64')).toThrow(invalid)
    expect(() => NDArray.from([1]).astype('complex64')).toThrow(invalid)
  })
})

it('narrows by dtype', () => {
  const array: NDArray = NDArray.from([1], 'float32')
  if (!array.is('float32')) throw new Error('not float32')
  const data: Float32Array = array.data
  expect(data).toEqual(Float32Array.of(1))
  expect(array.is('float64')).toBe(false)
})

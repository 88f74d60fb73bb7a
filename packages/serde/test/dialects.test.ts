import { describe, expect, it } from 'vitest'
import {
  byteLengthOf,
  type CodecName,
  Complex,
  codecs,
  deserialize,
  dtype,
  NDArray,
  NumpyScalar,
  RmqError,
  readNpy,
  readNpz,
  StructType,
  StructuredArray,
  serialize,
  serializeInto,
  TorchTensor,
  tuple,
  writeNpy,
} from '../src/index.ts'
import { fromHex, hex } from './describe.ts'

const DIALECTS = ['msgpack-numpy', 'openpi', 'groot'] as const
const NAMES = Object.keys(codecs) as CodecName[]
const ascii = (text: string) => new Uint8Array(Buffer.from(text))
const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })

describe('each codec', () => {
  const value = { text: 'wrist', list: [1, 2.5, null, true], raw: new Uint8Array(10_000).fill(7) }

  it.each(NAMES)('%s writes into given memory, of the length it says', (codec) => {
    const bytes = codecs[codec].encode(value)
    expect(codecs[codec].id).toBe(codec)
    expect(codecs[codec].byteLengthOf(value)).toBe(bytes.length)
    expect(byteLengthOf(value, { codec })).toBe(bytes.length)
    const target = new Uint8Array(bytes.length + 10)
    const written = serializeInto(value, target, { codec })
    expect(written.buffer).toBe(target.buffer)
    expect(hex(written)).toBe(hex(bytes))
    let asked = 0
    const loan = (byteLength: number) => {
      asked = byteLength
      return new Uint8Array(new SharedArrayBuffer(byteLength + 1), 1)
    }
    expect(hex(serializeInto(value, loan, { codec }))).toBe(hex(bytes))
    expect(asked).toBe(bytes.length)
    expect(() => codecs[codec].encodeInto(value, new Uint8Array(bytes.length - 1))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    )
    expect(deserialize(bytes)).toEqual(value)
    expect(deserialize(bytes, { codec })).toEqual(value)
    expect(serialize(value, { codec: codecs[codec] })).toEqual(bytes)
  })

  it.each(NAMES)('%s does not depend on what came before, nor on what goes on within', (codec) => {
    expect(() => serialize({ a: 'x'.repeat(100_000), b: undefined }, { codec })).toThrow(RmqError)
    const nested = {
      get inner() {
        return hex(serialize({ deep: [1, 2, 3] }, { codec }))
      },
      after: 'text',
    }
    const inner = hex(serialize({ deep: [1, 2, 3] }, { codec }))
    expect(deserialize(serialize(nested, { codec }))).toEqual({ inner, after: 'text' })
  })

  it.each(NAMES)('%s sends no memory that was not written', (codec) => {
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => Shrinking
    type Shrinking = ArrayBuffer & { resize(length: number): void }
    const memory = new Resizable(100_000, { maxByteLength: 100_000 })
    const value = {
      raw: new Uint8Array(memory),
      after: {
        get trick() {
          memory.resize(10)
          return 1
        },
      },
    }
    expect(() => serialize(value, { codec })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  it('is known by name', () => {
    expect(() => serialize(1, { codec: 'pickle' as never })).toThrow(/no codec 'pickle'/)
    expect(() => deserialize(new Uint8Array(1), { codec: '__proto__' as never })).toThrow(/no codec/)
  })
})

describe('arrays', () => {
  it.each(DIALECTS)('%s gives windows where alignment allows, else a copy', (codec) => {
    const image = NDArray.fromBytes(new Uint8Array(12).fill(3), 'uint8', [2, 2, 3])
    for (let pad = 0; pad < 8; pad++) {
      const bytes = serialize({ pad: 'x'.repeat(pad), image, joints: new Float64Array([1.5, -2]) }, { codec })
      const read = deserialize(bytes) as { image: NDArray<'uint8'>; joints: NDArray<'float64'> }
      expect(read.image.data.buffer).toBe(bytes.buffer)
      expect(read.joints.data).toEqual(Float64Array.of(1.5, -2))
      const start = Buffer.from(bytes).indexOf(Buffer.from(Float64Array.of(1.5, -2).buffer))
      expect(read.joints.data.buffer === bytes.buffer).toBe(start % 8 === 0)
    }
    const raw = (deserialize(Buffer.from(serialize([ascii('abc')], { codec }))) as [Uint8Array])[0]
    expect(raw.constructor).toBe(Uint8Array)
  })

  it.each(DIALECTS)('%s reads shared memory', (codec) => {
    const bytes = serialize({ text: 'é'.repeat(100), data: new Float32Array([1]) }, { codec })
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    expect(deserialize(shared)).toEqual(deserialize(bytes))
  })

  it('typed arrays are arrays, bytes are bytes', () => {
    const value = [new Uint8ClampedArray([1]), new Int16Array([-1]), new Uint8Array([1])]
    const [clamped, short, raw] = deserialize(serialize(value, { codec: 'openpi' })) as [NDArray, NDArray, Uint8Array]
    expect([clamped.dtype.str, short.dtype.str, raw]).toEqual(['|u1', '<i2', new Uint8Array([1])])
  })

  it('scalars are numbers, unless they are to be kept', () => {
    const scalars = [new NumpyScalar(1.5, 'float32'), new NumpyScalar(7n, 'int64'), new NumpyScalar(true, 'bool')]
    for (const codec of ['msgpack-numpy', 'openpi'] as const) {
      const bytes = serialize([...scalars, new NumpyScalar(2n ** 63n, 'uint64')], { codec })
      expect(deserialize(bytes)).toEqual([1.5, 7, true, 2n ** 63n])
      const kept = deserialize(bytes, { scalars: 'keep' }) as NumpyScalar[]
      expect(kept.map(({ dtype }) => dtype.str)).toEqual(['<f4', '<i8', '|b1', '<u8'])
      expect(serialize(kept, { codec })).toEqual(bytes)
    }
    expect(() => new NumpyScalar(1, 'datetime64' as never)).toThrow(RmqError)
  })

  it('records are read by field and by index', () => {
    const type = new StructType([
      ['t', '<f8'],
      ['pose', '<f4', [2]],
      ['', '|V2'],
      [
        'joint',
        [
          ['name', '|S2'],
          ['id', '|u1'],
        ] as const,
      ],
    ])
    expect(type.itemSize).toBe(8 + 8 + 2 + 3)
    const file = new Uint8Array(2 * type.itemSize)
    const view = new DataView(file.buffer)
    for (const [i, start] of [0, 21].entries()) {
      view.setFloat64(start, i + 0.5, true)
      view.setFloat32(start + 8, i, true)
      view.setFloat32(start + 12, -1, true)
      file.set(ascii(`j${i}`), start + 18)
      file[start + 20] = i
    }
    const array = new StructuredArray(type, [2], file)
    for (const codec of ['msgpack-numpy', 'groot'] as const) {
      const read = deserialize(serialize({ array }, { codec })) as { array: StructuredArray }
      expect((read.array.field('t') as NDArray).toNested()).toEqual([0.5, 1.5])
      expect((read.array.field('pose') as NDArray).shape).toEqual([2, 2])
      expect((read.array.field('joint') as StructuredArray).at(1)).toEqual({ name: ascii('j1'), id: 1 })
      expect(read.array.at(-1)).toEqual({ t: 1.5, pose: [1, -1], joint: { name: ascii('j1'), id: 1 } })
    }
    expect(() => array.field('x')).toThrow(/no field x: t, pose, joint/)
    expect(() => array.at(2)).toThrow(RmqError)
    expect(() => array.at()).toThrow(/0 indices for 1 axes/)
    expect(() => new StructuredArray(type, [3], file)).toThrow(RmqError)
  })
})

describe('what cannot travel is named by its path', () => {
  const structured = new StructuredArray(new StructType([['a', '<i4']]), [1], new Uint8Array(4))
  const refused: [CodecName, unknown, string][] = [
    ['openpi', undefined, 'value: undefined'],
    ['openpi', { observation: { images: [0, 1, NDArray.zeros([1], 'complex64')] } }, 'observation.images[2]: openpi'],
    ['openpi', [structured], '[0]: openpi carries no structured arrays'],
    ['groot', { a: new NumpyScalar(1, 'int8') }, 'a: GR00T carries no numpy scalars'],
    ['msgpack', { a: new Float32Array(1) }, 'a: plain msgpack carries no arrays of numbers'],
    ['msgpack', { a: { b: structured } }, 'a.b: plain msgpack'],
    ['msgpack-numpy', { a: new Date(Number.NaN) }, 'a: this Date is invalid'],
    ['msgpack-numpy', [NDArray.zeros([1], dtype('M8[s]') as never)], '[0]: msgpack-numpy carries no datetime64'],
    ['msgpack-numpy', { a: tuple(1, new Set()) }, 'a[1]: a Set'],
    ['msgpack-numpy', { a: new ArrayBuffer(1) }, 'a: wrap'],
    ['msgpack-numpy', { a: new DataView(new ArrayBuffer(1)) }, 'a: wrap'],
    ['msgpack-numpy', [() => 1], '[0]: a function'],
    [
      'msgpack-numpy',
      { 'wrist camera': [2n ** 64n] },
      '["wrist camera"][0]: msgpack carries no integer beyond 64 bits',
    ],
    ['msgpack-numpy', ['\ud800'], '[0]: half a surrogate pair'],
    ['msgpack-numpy', [`${'x'.repeat(60)}\udfff`], '[0]: half a surrogate pair'],
    ['msgpack-numpy', [`${'x'.repeat(60_000)}\udfff`], '[0]: half a surrogate pair'],
    ['msgpack-numpy', { a: new TorchTensor('bfloat16', [1], new Uint8Array(2)) }, 'a: a tensor cannot travel'],
    ['msgpack-numpy', [new Map([[[1], 1]])], '[0][1]: a key of a Map'],
    ['msgpack-numpy', [new Map([[ascii('nd'), true]])], '[0].nd: the key nd marks an array'],
    ['openpi', [new Map([[ascii('__ndarray__'), true]])], '[0].__ndarray__: the key'],
    ['groot', { a: { __ndarray_class__: true } }, 'a.__ndarray_class__: the key'],
  ]

  it.each(refused)('%s %#', (codec, value, message) => {
    expect(() => serialize(value, { codec })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
    )
    expect(() => byteLengthOf(value, { codec })).toThrow(RmqError)
  })

  it('cycles are refused, deep nesting is not', () => {
    const cycle: unknown[] = []
    cycle.push({ cycle })
    expect(() => serialize(cycle, { codec: 'msgpack' })).toThrow(/nested deeper than 508 levels, or in a cycle/)
    let deep: unknown = new Float32Array(1)
    for (let i = 0; i < 508; i++) deep = [deep]
    const bytes = serialize(deep, { codec: 'openpi' })
    expect(() => deserialize(bytes)).not.toThrow()
    expect(() => deserialize(bytes, { maxDepth: 500 })).toThrow(malformed)
    expect(() => serialize([deep], { codec: 'openpi' })).toThrow(RmqError)
  })
})

describe('what is read', () => {
  it('objects where all keys are strings, else Maps', () => {
    const map = new Map<unknown, unknown>([
      ['a', 1],
      [2, 'b'],
      [ascii('k'), null],
      [null, 0.5],
    ])
    expect(deserialize(serialize(map, { codec: 'msgpack' }))).toEqual(map)
    expect(deserialize(serialize(new Map([['a', 1]]), { codec: 'msgpack' }))).toEqual({ a: 1 })
  })

  it('lets no key reach a prototype', () => {
    const value = JSON.parse('{"__proto__": {"polluted": 1}, "toString": 2}')
    const read = deserialize(serialize(value, { codec: 'openpi' })) as object
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(Object.keys(read)).toEqual(['__proto__', 'toString'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('keys that look alike are kept apart, whatever came before', () => {
    const keys = ['image', 'imagf', 'é', 'e\u0301', '\u00c3\u00a9', 'x'.repeat(33), '']
    for (let round = 0; round < 3; round++) {
      for (const key of keys) {
        const map = new Map<unknown, unknown>([
          [ascii(key), 1],
          [key, 2],
        ])
        expect([...(codecs.msgpack.decode(codecs.msgpack.encode(map)) as Map<unknown, unknown>)]).toEqual([...map])
        expect(deserialize(serialize({ [key]: 1 }, { codec: 'msgpack' }))).toEqual({ [key]: 1 })
      }
    }
  })

  it('an empty map is one byte, and no pickle', () => {
    expect(deserialize(new Uint8Array([0x80]))).toEqual({})
    expect(deserialize(new Uint8Array(0))).toBeNull()
    expect(() => codecs.msgpack.decode(new Uint8Array(0))).toThrow(malformed)
  })

  it('dates are times', () => {
    const times = [0, 1, 999, -1, 2 ** 32 * 1000, 2 ** 34 * 1000 + 5, 8.64e15, -8.64e15].map((ms) => new Date(ms))
    expect(deserialize(serialize(times, { codec: 'openpi' }))).toEqual(times)
  })

  it('arrays of older versions of msgpack-numpy, with the dtype as bytes and without a kind', () => {
    const key = (name: string) => `c4${name.length.toString(16).padStart(2, '0')}${hex(ascii(name))}`
    const array = fromHex(`84${key('nd')}c3${key('type')}${key('<f4')}${key('shape')}9101${key('data')}c4040000c03f`)
    expect(deserialize(array)).toEqual(NDArray.fromData(new Float32Array([1.5])))
  })

  it('a map that lacks what makes an array is the sender’s own', () => {
    const key = (name: string) => `c4${name.length.toString(16).padStart(2, '0')}${hex(ascii(name))}`
    const own = codecs['msgpack-numpy'].decode(fromHex(`82${key('nd')}c3${key('kind')}c400`)) as Map<unknown, unknown>
    expect([...own.values()]).toEqual([true, new Uint8Array(0)])
    expect(deserialize(fromHex(`81${key('complex')}c3`))).toBeInstanceOf(Map)
    // Only the dialect itself knows its marks.
    const openpi = codecs.openpi.encode(new Float32Array(1))
    expect(codecs['msgpack-numpy'].decode(openpi)).toBeInstanceOf(Map)
    expect(codecs.msgpack.decode(codecs.groot.encode(new Float32Array(1)))).toHaveProperty('as_npy')
  })

  it('complex numbers as Python writes them', () => {
    const numbers = [
      [1, 2],
      [0, -0],
      [-0, 1],
      [1e-5, 1e16],
      [Number.NaN, -Infinity],
      [5e-324, 1.7976931348623157e308],
    ]
    for (const [re, im] of numbers) {
      const value = new Complex(re!, im!)
      expect(deserialize(serialize([value], { codec: 'msgpack-numpy' }))).toEqual([value])
    }
  })
})

describe('what is refused', () => {
  const key = (name: string) => `c4${name.length.toString(16).padStart(2, '0')}${hex(ascii(name))}`
  const text = (value: string) => (0xa0 | value.length).toString(16) + hex(ascii(value))
  const openpi = (dtype: string, shape: string, data: string) =>
    `84${key('__ndarray__')}c3${key('dtype')}${dtype}${key('shape')}${shape}${key('data')}${data}`
  const numpy = (type: string, shape: string, data: string, kind = 'c400') =>
    `85${key('nd')}c3${key('type')}${type}${key('kind')}${kind}${key('shape')}${shape}${key('data')}${data}`
  const broken: [string, string, RegExp][] = [
    ['trailing bytes', 'c000', /1 bytes follow/],
    ['a cut text', 'a561', /5 bytes are announced where 1 are left/],
    ['a cut number', 'cf00', /announced/],
    ['the byte that is no value', 'c1', /0xc1/],
    ['text that is not UTF-8', 'a2c328', /not UTF-8/],
    ['half a surrogate pair', 'a3eda080', /surrogate/],
    ['a list as a key', '819001', /cannot hash/],
    ['a foreign extension', 'd40500', /extension type 5/],
    ['a timestamp of a second of nanoseconds', 'd7ffee6b280000000000', /out of range/],
    ['a timestamp of three bytes', 'c703ff000000', /timestamp has 3 bytes/],
    ['a timestamp beyond Date', 'c70cff000000007fffffffffffffff', /out of range/],
    ['an unknown dtype', openpi(text('<f9'), '9101', 'c404 00000000'), /'<f9' is not a dtype/],
    ['a dtype that is no text', openpi('01', '9101', 'c404 00000000'), /no dtype/],
    ['an empty dtype', openpi(text('S0'), '9101', 'c400'), /'S0' is not a dtype/],
    ['data that is no bytes', openpi(text('<f4'), '9101', 'a400000000'), /no bytes/],
    ['data that is too short', openpi(text('<f4'), '9102', 'c404 00000000'), /takes 8 bytes, but there are 4/],
    ['a negative length', openpi(text('<f4'), '91ff', 'c404 00000000'), /no shape/],
    ['a huge shape', openpi(text('<f4'), `93${'cfffffffffffffff00'.repeat(3)}`, 'c400'), /no shape/],
    ['too many axes', openpi(text('|u1'), `dc0041${'01'.repeat(65)}`, 'c40101'), /no shape/],
    ['no data at all', `81${key('__ndarray__')}c3`, /no shape/],
    ['an element dtype with commas', numpy(text('S0,S0'), '9101', 'c400'), /not a dtype/],
    ['a field of nothing', numpy('9191a161', '9101', 'c40100', 'c40156'), /not as numpy lists them/],
    ['two fields of one name', numpy(`9292a161${text('|u1')}92a161${text('|u1')}`, '9101', 'c4020000'), /two fields a/],
    ['an empty structured dtype', numpy('90', '9101', 'c400', 'c40156'), /empty/],
    [
      'a scalar that is no number',
      `83${key('__npgeneric__')}c3${key('data')}${text('x')}${key('dtype')}${text('<f4')}`,
      /no number/,
    ],
    [
      'an integer scalar of a fraction',
      `83${key('__npgeneric__')}c3${key('data')}cb3ff8000000000000${key('dtype')}${text('<i8')}`,
      /64-bit/,
    ],
    ['a complex number that is none', `82${key('complex')}c3${key('data')}${text('import os')}`, /complex/],
    [
      'a .npy file that is none',
      `82${'b1'}${hex(ascii('__ndarray_class__'))}c3${text('as_npy')}c40100`,
      /no .npy file/,
    ],
  ]

  it.each(broken)('%s', (_, bytes, message) => {
    const read = () => deserialize(fromHex(`81a161${bytes.replaceAll(' ', '')}`))
    expect(read).toThrow(malformed)
    expect(read).toThrow(message)
  })

  it('with the path to it', () => {
    const inside = (bytes: string) => fromHex(`82a16101a26f62 81${text('images')}9301c3${bytes}`.replaceAll(' ', ''))
    const objects = [
      openpi(text('|O'), '9101', 'c408 0000000000000000'),
      numpy(text('|O'), '9101', 'c408 0000000000000000'),
      numpy(`9192a161${text('|O')}`, '9101', 'c408 0000000000000000', 'c40156'),
      numpy(text('x'), '9101', 'c403 80042e', 'c4014f'),
    ]
    for (const bytes of objects) {
      expect(() => deserialize(inside(bytes))).toThrow(
        expect.objectContaining({ code: 'UNSAFE_PAYLOAD', message: 'ob.images[2]: object arrays carry pickles' }),
      )
    }
    expect(() => codecs.openpi.decode(inside('a9'))).toThrow('ob.images[2]: 9 bytes are announced where 0 are left')
    expect(() => codecs.openpi.decode(inside(openpi('c1', '90', 'c0')))).toThrow('ob.images[2].dtype: byte 0xc1')
  })

  it('values beyond the limits', () => {
    const bytes = serialize(
      [
        [1, 2],
        [3, [4]],
      ],
      { codec: 'msgpack' },
    )
    const read = (options: object) => () => codecs.msgpack.decode(bytes, options)
    expect(read({ maxDepth: 3, maxValues: 8 })).not.toThrow()
    expect(read({ maxDepth: 2 })).toThrow(/deeper than 2 levels/)
    expect(read({ maxValues: 7 })).toThrow(/more than 7 values/)
  })

  it('what is no bytes', () => {
    for (const run of [
      () => codecs.openpi.decode('x' as never),
      () => readNpy([] as never),
      () => readNpz('' as never),
    ]) {
      expect(run).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    }
    expect(() => writeNpy(new Float32Array(1) as never)).toThrow(RmqError)
    expect(() => deserialize('text' as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})

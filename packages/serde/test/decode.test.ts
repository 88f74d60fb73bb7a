import { describe, expect, it } from 'vitest'
import { deserialize, Float, float, NDArray, robotmqCodec, serialize, TorchTensor, tuple } from '../src/index.ts'
import { fromHex } from './describe.ts'

const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
const unsafe = expect.objectContaining({ code: 'UNSAFE_PAYLOAD' })

describe('deserialize', () => {
  it('gives windows on the payload where alignment allows', () => {
    const bytes = serialize({ image: NDArray.zeros([4, 4], 'uint8'), raw: new Uint8Array(3) })
    const { image, raw } = deserialize(bytes) as { image: NDArray<'uint8'>; raw: Uint8Array }
    expect(image.data.buffer).toBe(bytes.buffer)
    expect(raw.buffer).toBe(bytes.buffer)
    expect(raw.constructor).toBe(Uint8Array)
    const { raw: fromBuffer } = deserialize(Buffer.from(bytes)) as { raw: Uint8Array }
    expect(fromBuffer.constructor).toBe(Uint8Array)
  })

  it('reads doubles wherever they lie', () => {
    for (let pad = 0; pad < 8; pad++) {
      const bytes = serialize(['x'.repeat(pad), new Float64Array([1.5, -2])])
      const [, array] = deserialize(bytes) as [string, NDArray<'float64'>]
      expect(array.data).toEqual(Float64Array.of(1.5, -2))
    }
  })

  it('reads shared memory', () => {
    const bytes = serialize({ text: 'x'.repeat(100), data: new Float32Array([1]) })
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    expect(deserialize(shared)).toEqual(deserialize(bytes))
  })

  it('keeps floats apart when asked', () => {
    const bytes = serialize([float(2), 2, 0.5, -0, 2 ** 60])
    expect(deserialize(bytes)).toEqual([2, 2, 0.5, -0, 2 ** 60])
    const kept = deserialize(bytes, { floats: 'keep' })
    expect(kept).toEqual([new Float(2), 2, 0.5, -0, 2 ** 60])
    expect(serialize(kept)).toEqual(bytes)
  })

  it('gives an object for string keys and a Map otherwise', () => {
    expect(deserialize(serialize(new Map([['a', 1]])))).toEqual({ a: 1 })
    expect(deserialize(serialize(new Map([[1, 'a']])))).toEqual(new Map([[1, 'a']]))
    const tupleKey = new Map([[[1, [2]], true]])
    expect(deserialize(serialize(tupleKey))).toEqual(tupleKey)
  })

  it('lets no key reach a prototype', () => {
    const value = deserialize(serialize(JSON.parse('{"__proto__": {"polluted": 1}, "toString": 2}'))) as object
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'toString'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('reads a triple as an array exactly when numpy can', () => {
    const triple = (...items: unknown[]) => deserialize(serialize(tuple(...items)))
    expect(triple(new Uint8Array(4), 'u1', tuple(2, -1))).toBeInstanceOf(NDArray)
    expect((triple(new Uint8Array(4), 'u1', tuple(-3)) as NDArray).shape).toEqual([4])
    expect(triple(new Uint8Array(4), 'u1', tuple(-1, -1))).toBeInstanceOf(Array)
    expect(triple(new Uint8Array(4), 'u1', tuple(true, 4))).toBeInstanceOf(Array)
    expect(triple(new Uint8Array(4), 'u1', [4])).toBeInstanceOf(Array)
    expect(triple(new Uint8Array(0), 'S0', tuple(0))).toBeInstanceOf(Array)
    expect(triple(new Uint8Array(4), 'u1', tuple(4), 1)).toBeInstanceOf(Array)
  })

  it('gives null for nothing, as robotmq does', () => {
    expect(deserialize(new Uint8Array(0))).toBeNull()
  })

  it('wants bytes', () => {
    expect(() => deserialize('text' as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  const broken: [string, string, RegExp][] = [
    ['no pickle', '7b7d', /not a pickle/],
    ['protocol 1', '80014e2e', /protocol 1/],
    ['protocol 6', '80064e2e', /protocol 6/],
    ['trailing bytes', '80044e2e00', /1 bytes follow/],
    ['no end', '80044e', /in the middle/],
    ['only a header', '8004', /ends in the middle/],
    ['nothing on the stack', '80042e', /no single value/],
    ['two values', '80044e4e2e', /no single value/],
    ['an open mark', '8004284e2e', /no single value/],
    ['a long string', '8004 8cff 61 2e', /length of 255 bytes exceeds the 2/],
    ['a very long string', '8004 8d ffffffffffffffff 2e', /exceeds/],
    ['very long bytes', '8004 42 ffffffff 2e', /exceeds/],
    ['a long frame', '8004 95 ffffffff00000000 4e2e', /exceeds/],
    ['text that is not UTF-8', '8004 8c02 c328 2e', /not UTF-8/],
    ['overlong UTF-8', '8004 8c02 c080 2e', /not UTF-8/],
    ['an empty memo', '8004 6800 2e', /memo 0/],
    ['append to a dictionary', '8004 7d 4e 61 2e', /without a list/],
    ['set items of a list', '8004 5d 4e4e 73 2e', /without a dictionary/],
    ['a key without value', '8004 7d 28 4e 75 2e', /no value/],
    ['a pop below the mark', '8004 5d 28 61 2e', /too few values/],
    ['tuple without mark', '8004 74 2e', /no mark/],
    ['an unknown opcode', '8004 ff 2e', /0xff/],
    ['a text opcode', '8004 49310a 2e', /INT/],
    ['a list as a key', '8004 7d 5d 4e 73 2e', /cannot hash/],
    ['a dictionary in a set', '8004 8f 28 7d 90 2e', /cannot hash/],
    ['a value across frames', '8004 95 0100000000000000 4b01 2e', /frame/],
    ['a frame in a frame', '8004 95 0a00000000000000 95 0100000000000000 4e2e', /within a frame/],
    ['bad dtype', `8004 ${'636e756d70790a64747970650a'} 8c0278788988875272 00000000 2e`, /numpy.dtype/],
  ]

  it.each(broken)('refuses %s', (_, bytes, message) => {
    expect(() => deserialize(fromHex(bytes.replaceAll(' ', '')))).toThrow(malformed)
    expect(() => deserialize(fromHex(bytes.replaceAll(' ', '')))).toThrow(message)
  })

  const dangerous: [string, string, RegExp][] = [
    ['a function', '8004 8c026f73 8c0673797374656d 93 2e', /os\.system/],
    ['a function of protocol 2', '8002 63 6f730a 73797374656d0a 2e', /os\.system/],
    ['a call of a value', '8004 4e 29 52 2e', /REDUCE/],
    ['state for a value', '8004 4e 4e 62 2e', /BUILD/],
    ['a new object', '8004 4e 29 81 2e', /NEWOBJ/],
    ['a persistent id', '8004 4e 51 2e', /BINPERSID/],
    ['an extension', '8004 82 01 2e', /EXT1/],
    ['an external buffer', '8005 97 2e', /NEXT_BUFFER/],
    ['a bare global', '8002 636e756d70790a64747970650a 2e', /numpy\.dtype itself/],
    ['an instance', '8002 28 69 6f730a 73797374656d0a 2e', /INST/],
  ]

  it.each(dangerous)('refuses %s', (_, bytes, message) => {
    expect(() => deserialize(fromHex(bytes.replaceAll(' ', '')))).toThrow(unsafe)
    expect(() => deserialize(fromHex(bytes.replaceAll(' ', '')))).toThrow(message)
  })
})

describe('tensors', () => {
  it('become arrays', () => {
    const bf16 = new TorchTensor('bfloat16', [2], new Uint8Array([0xc0, 0x3f, 0x00, 0xc0]))
    const tensor = deserialize(serialize(bf16)) as TorchTensor
    expect(tensor).toBeInstanceOf(TorchTensor)
    expect(tensor.toNDArray().toNested()).toEqual([1.5, -2])
    const array = NDArray.from([[1, 2]], 'float32')
    expect(TorchTensor.fromNDArray(array).toNDArray()).toEqual(array)
    expect(() => new TorchTensor('float8_e5m2', [1], new Uint8Array(1)).toNDArray()).toThrow(/float8/)
    expect(() => new TorchTensor('float32', [2], new Uint8Array(4))).toThrow(/does not take/)
  })

  it('are made of their very dictionary only', () => {
    const tag = '__robotmq_torch_tensor__'
    const placeholder = '##robotmq_torch_tensor##'
    const send = (value: object) => {
      const bytes = Buffer.from(serialize({ [placeholder]: 1, ...value }))
      return deserialize(bytes.fill(tag, bytes.indexOf(placeholder), bytes.indexOf(placeholder) + tag.length))
    }
    const fields = { dtype: 'uint8', shape: tuple(1), data: new Uint8Array(1) }
    expect(send(fields)).toBeInstanceOf(TorchTensor)
    expect(send({})).toEqual({ [tag]: 1 })
    expect(send({ ...fields, more: 1 })).toHaveProperty('more', 1)
    expect(send({ ...fields, [placeholder]: 2 })).toHaveProperty(tag, 2)
    expect(() => send({ ...fields, dtype: 'system' })).toThrow(malformed)
    expect(() => send({ ...fields, shape: tuple(2) })).toThrow(malformed)
    expect(() => send({ ...fields, shape: tuple(-1) })).toThrow(malformed)
    expect(() => send({ ...fields, data: 'x' })).toThrow(malformed)
  })
})

it('is a codec', () => {
  expect(robotmqCodec.id).toBe('robotmq')
  expect(robotmqCodec.decode(robotmqCodec.encode([1, 'a']))).toEqual([1, 'a'])
})

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseDType } from '../src/dtype-parse.ts'
import { float16ToNumber, numberToFloat16 } from '../src/float16.ts'
import { deserialize, dtype, NDArray, serialize, TorchTensor, tuple } from '../src/index.ts'
import { sendableValues } from './arbitrary-values.ts'
import { describeValue, hex } from './describe.ts'
import { havePython, PythonPeer } from './python-peer.ts'

describe.skipIf(!havePython())('with real Python robotmq', () => {
  let python: PythonPeer
  beforeAll(() => {
    python = new PythonPeer()
  })
  afterAll(() => python.close())

  it('Python reads what we write, and writes the very same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(sendableValues, async (value) => {
        const bytes = serialize(value)
        const again = (await python.evaluate('rmq.safe_serialize(x)', bytes)) as Uint8Array
        expect(hex(again)).toBe(hex(bytes))
        expect(describeValue(deserialize(again, { floats: 'keep' }))).toEqual(describeValue(value))
      }),
      { seed: 20_261_121, numRuns: 300 },
    )
  })

  it('frames are those of Python, wherever large values fall', async () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 40_000 }), fc.constantFrom(0, 65_534, 65_535, 65_536, 70_000))
    const large = fc.oneof(
      size.map((length) => new Uint8Array(length)),
      fc.tuple(size, fc.constantFrom('x', '\u00e9', '\ud800')).map(([length, char]) => char.repeat(length)),
      size.map((length) => NDArray.zeros([length], 'uint8')),
      fc.integer({ min: 0, max: 2000 }).map((length) => Array.from({ length }, (_, i) => i * 1000 + 0.5)),
      fc.integer({ min: 995, max: 1005 }).map((length) => Object.fromEntries(Array(length).fill(0).entries())),
      fc.constantFrom(null, 1, 'short', []),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(large, { minLength: 2, maxLength: 12 }), async (value) => {
        const bytes = serialize(value)
        const again = (await python.evaluate('rmq.safe_serialize(x)', bytes)) as Uint8Array
        expect(Buffer.compare(again, bytes)).toBe(0)
      }),
      { seed: 20_261_121, numRuns: 60 },
    )
  })

  it("Python's older reader takes it too", async () => {
    const value = { image: NDArray.zeros([2, 2, 3], 'uint8'), key: 'again', list: ['again', 'again'] }
    expect(await python.evaluate('rmq.deserialize(data)["image"].shape', serialize(value))).toEqual([2, 2, 3])
    expect(await python.evaluate('rmq.deserialize(data)["list"]', serialize(value))).toEqual(['again', 'again'])
  })

  it('numpy sees the numbers that we see', async () => {
    const image = NDArray.fromBytes(
      Uint8Array.from({ length: 24 }, (_, i) => i),
      'uint8',
      [2, 4, 3],
    )
    expect(await python.evaluate('int(x[1, 2, 0])', serialize(image))).toBe(image.at(1, 2, 0))
    const view = image.slice([null, null, -1], [1, 3]).transpose()
    expect(await python.evaluate('x.tolist()', serialize(view))).toEqual(view.toNested())
    const same = await python.evaluate(
      'np.array_equal(x, np.arange(24).reshape(2, 4, 3)[::-1, 1:3].T)',
      serialize(view),
    )
    expect(same).toBe(true)
    const fortran = await python.evaluate('np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3))')
    expect((fortran as NDArray).toNested()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
    expect(await python.evaluate('x.dtype.str', serialize(NDArray.zeros([2], dtype('>f8'))))).toBe('>f8')
  })

  it('Python makes its tensor dictionary of ours', async () => {
    const tensor = TorchTensor.fromNDArray(NDArray.from([[1, 2, 3]], 'float32'))
    const wire = (await python.evaluate('rmq.deserialize(data)["dtype"]', serialize(tensor))) as string
    expect(wire).toBe('float32')
    expect(await python.evaluate('rmq.deserialize(data)["shape"]', serialize(tensor))).toEqual([1, 3])
  })

  it('knows the dtype strings that numpy knows', async () => {
    const orders = ['', '<', '>', '=', '|']
    const codes = [...'?bhilqpBHILQPefdgFDGcMmSUVOxyz']
    const sized = [
      'b1',
      'i1',
      'i2',
      'i4',
      'i8',
      'i16',
      'u1',
      'u8',
      'f2',
      'f4',
      'f8',
      'f16',
      'c8',
      'c16',
      'S3',
      'U3',
      'V3',
    ]
    const rest = ['M8[D]', 'M8[25us]', 'm8[s]', 'M8[x]', 'f04', 'S0', 'U0', 'O8', 'b2', 'c4', 'M4']
    const names = [
      ...['bool', 'int', 'float', 'complex', 'half', 'single', 'double', 'byte', 'short', 'intc', 'long', 'longlong'],
      ...['ubyte', 'ushort', 'uint', 'uintc', 'ulong', 'intp', 'uintp', 'longdouble', 'clongdouble', 'bool_', 'int_'],
      ...['int8', 'uint64', 'float16', 'complex64', 'datetime64', 'datetime64[ns]', 'timedelta64[s]', 'float128'],
      ...['object', 'float65', '', ' ', 'f4 ', ' f4', 'i4,f8', 'i4, f8', '<i4,>f8,S3', 'toString', '__proto__'],
    ]
    const candidates = [
      ...orders.flatMap((order) => [...codes, ...sized, ...rest].map((code) => order + code)),
      ...names,
    ]
    const known = (await python.evaluate('[dtype_str(text) for text in x]', serialize(candidates))) as unknown[]
    const ours = candidates.map((text) => {
      const type = parseDType(text)
      return type === undefined || type.itemSize === 0 ? null : type.str
    })
    const pairs = (found: unknown[]) => candidates.map((text, i) => [text, found[i]])
    expect(pairs(ours)).toEqual(pairs(known))
  })

  it('rounds float16 as numpy does', async () => {
    const all = (await python.evaluate('np.arange(65536, dtype="u2").view("f2").astype("f8")')) as NDArray<'float64'>
    const values = Float64Array.from({ length: 65536 }, (_, bits) => float16ToNumber(bits))
    expect(values).toEqual(all.data)
    const wrong = [...values.keys()].filter(
      (bits) => numberToFloat16(values[bits]!) !== bits && !Number.isNaN(values[bits]),
    )
    expect(wrong).toEqual([])
    const samples = fc.sample(fc.oneof(fc.double({ min: -70000, max: 70000 }), fc.double({ min: -1e-4, max: 1e-4 })), {
      seed: 1,
      numRuns: 3000,
    })
    const halfway = [
      2 ** -25,
      2 ** -25 * 1.0000001,
      1 + 2 ** -11,
      1 + 2 ** -11 + 2 ** -40,
      65519.999,
      65520,
      2049,
      2051,
    ]
    const doubles = Float64Array.from([...samples, ...halfway])
    const rounded = (await python.evaluate('x.astype("f2").view("u2")', serialize(doubles))) as NDArray<'uint16'>
    expect([...doubles].map(numberToFloat16)).toEqual([...rounded.data])
  })

  it('agrees on what is an array', async () => {
    const shapes = [
      [4],
      [-1],
      [2, 2],
      [0],
      [0, -1],
      [],
      [4, 1],
      [-2],
      [3],
      [-1, -1],
      [2.5],
      [true, 4],
      ['4'],
      [2 ** 40, 0],
    ]
    for (const bytes of [new Uint8Array(0), new Uint8Array(4), new Uint8Array(1)]) {
      for (const shape of shapes) {
        for (const type of ['u1', '<i4', '|O', 'S2', 'nope', 'f4,f4']) {
          const payload = serialize(tuple(bytes, type, tuple(...shape)))
          const ours = deserialize(payload)
          const theirs = await python.evaluate('array_of(x)', payload)
          expect(ours instanceof NDArray ? [ours.dtype.str, ours.shape] : null).toEqual(theirs)
        }
      }
    }
  })
})

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codecs, deserialize, NDArray, readNpy, readNpz, StructuredArray, writeNpy } from '../src/index.ts'
import { dialectValues } from './arbitrary-dialect-values.ts'
import { hex } from './describe.ts'
import { describeDialectValue } from './describe-dialect.ts'
import { havePython, PythonPeer } from './python-peer.ts'

const KEEP = { floats: 'keep', scalars: 'keep' } as const

describe.skipIf(!havePython())('with real Python', () => {
  let python: PythonPeer
  beforeAll(() => {
    python = new PythonPeer()
  })
  afterAll(() => python.close())

  for (const codec of ['msgpack-numpy', 'openpi', 'groot', 'msgpack'] as const) {
    it(`${codec}: Python reads what we write, and writes the very same bytes`, { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(dialectValues(codec), async (value) => {
          const bytes = codecs[codec].encode(value)
          const again = await python.evaluate(
            `pack(${JSON.stringify(codec)}, unpack(${JSON.stringify(codec)}, data))`,
            bytes,
          )
          expect(hex(again as Uint8Array)).toBe(hex(bytes))
          const expected = describeDialectValue(value)
          expect(describeDialectValue(codecs[codec].decode(bytes, KEEP))).toEqual(expected)
          expect(describeDialectValue(deserialize(bytes, KEEP))).toEqual(expected)
        }),
        { seed: 20_261_121, numRuns: 250 },
      )
    })
  }

  it('Python sees the arrays that we see', async () => {
    const image = NDArray.fromData(
      Uint8Array.from({ length: 24 }, (_, i) => i),
      [2, 4, 3],
    )
    const view = image.slice([null, null, -1], [1, 3]).transpose()
    for (const codec of ['msgpack-numpy', 'openpi', 'groot'] as const) {
      const sent = codecs[codec].encode({ view, scale: 0.5 })
      const x = `unpack(${JSON.stringify(codec)}, data)`
      expect(await python.evaluate(`${x}["view"].tolist()`, sent)).toEqual(view.toNested())
      expect(await python.evaluate(`${x}["view"].dtype.str`, sent)).toBe('|u1')
      expect(await python.evaluate(`${x}["scale"]`, sent)).toBe(0.5)
    }
  })

  it('what Python refuses, we refuse: no array fits its bytes', async () => {
    for (const codec of ['msgpack-numpy', 'openpi'] as const) {
      const good = Buffer.from(codecs[codec].encode(new Float32Array([1, 2])))
      const cases = [
        good.toString('latin1').replace('<f4', '<f9'),
        good.toString('latin1').replace('\x91\x02', '\x91\x03'),
      ]
      for (const text of cases) {
        const bytes = Buffer.from(text, 'latin1')
        expect(bytes.equals(good)).toBe(false)
        await expect(python.evaluate(`unpack(${JSON.stringify(codec)}, data)`, bytes)).rejects.toThrow()
        expect(() => codecs[codec].decode(bytes)).toThrow(expect.objectContaining({ code: 'MALFORMED_MESSAGE' }))
      }
    }
  })

  it('.npy files: numpy loads what we write and saves the very same bytes', { timeout: 120_000 }, async () => {
    const arrays = dialectValues('groot').filter(
      (value) => value instanceof NDArray || value instanceof StructuredArray,
    )
    await fc.assert(
      fc.asyncProperty(arrays, async (value) => {
        const file = writeNpy(value as NDArray)
        const again = (await python.evaluate('npy(np.load(io.BytesIO(data), allow_pickle=False))', file)) as Uint8Array
        expect(hex(again)).toBe(hex(file))
        expect(describeDialectValue(readNpy(again))).toEqual(describeDialectValue(value))
      }),
      { seed: 20_261_121, numRuns: 100 },
    )
  })

  it('.npy files whose header needs format 2', async () => {
    const many = '[("field_%05d" % i, "<f4") for i in range(4000)]'
    const file = (await python.evaluate(`npy(np.zeros(2, dtype=${many}))`)) as Uint8Array
    expect(file[6]).toBe(2)
    const array = readNpy(file) as StructuredArray
    expect(array.dtype.fields.length).toBe(4000)
    expect(hex(writeNpy(array)) === hex(file)).toBe(true)
  })

  it('.npz files, packed and not', async () => {
    for (const save of ['np.savez', 'np.savez_compressed']) {
      const arrays =
        '{"image": np.arange(30000, dtype="u1").reshape(100, 300), "k": np.array(["a", "bc"]), "f": np.asfortranarray(np.arange(6.).reshape(2, 3))}'
      const write = `(lambda f: (${save}(f, **${arrays}), f.getvalue())[1])(io.BytesIO())`
      const { image, k, f } = readNpz((await python.evaluate(write)) as Uint8Array)
      expect((image as NDArray).shape).toEqual([100, 300])
      expect((image as NDArray).at(99, 299)).toBe(29999 % 256)
      expect((k as NDArray).toNested()).toEqual(['a', 'bc'])
      expect((f as NDArray).toNested()).toEqual([
        [0, 1, 2],
        [3, 4, 5],
      ])
    }
  })
})

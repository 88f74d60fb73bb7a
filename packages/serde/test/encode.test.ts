import { describe, expect, it } from 'vitest'
import { Complex, deserialize, dtype, float, NDArray, RmqError, serialize, serializeInto, tuple } from '../src/index.ts'
import { hex } from './describe.ts'

class Pose {
  x = 1
}

describe('serialize', () => {
  const image = NDArray.from([new Complex(0, 1)], 'complex64')
  const refused: [unknown, string][] = [
    [undefined, 'value: undefined'],
    [{ observation: { images: [0, 1, image] } }, 'observation.images[2]: an array of complex64'],
    [{ 'wrist camera': { at: new Date(0) } }, '["wrist camera"].at: an instance of Date'],
    [[[new Pose()]], '[0][0]: an instance of Pose'],
    [{ f: () => 1 }, 'f: a function'],
    [{ s: Symbol('x') }, 's: a symbol'],
    [new Map([[{}, 1]]), 'value: a key of a Map'],
    [{ a: tuple(1, new Set()) }, 'a[1]: a Set'],
    [[new Complex(1, 2)], '[0]: complex'],
    [[new ArrayBuffer(1)], '[0]: wrap'],
    [{ a: 1, b: undefined }, 'b: undefined'],
    [{ a: { __robotmq_torch_tensor__: 1 } }, 'a: the key __robotmq_torch_tensor__ is reserved'],
    [new Map([['__robotmq_torch_tensor__', 1]]), 'value: the key __robotmq_torch_tensor__ is reserved'],
    [new Map([[[1, 2], { x: undefined }]]), '[1,2].x: undefined'],
    [{ d: dtype('float32') }, 'd: an instance of DType'],
    [NDArray.zeros([1], dtype('U2')), 'value: an array of str'],
    [[NDArray.zeros([1], dtype('f16'))], '[0]: an array of longdouble'],
  ]

  it.each(refused)('%# names the path of what cannot travel', (value, message) => {
    const caught = catchError(() => serialize(value))
    expect(RmqError.isInstance(caught) && caught.code).toBe('INVALID_ARGUMENT')
    expect((caught as Error).message).toContain(message)
  })

  it('refuses cycles and nesting that Python would not read', () => {
    const cycle: unknown[] = []
    cycle.push({ cycle })
    const map = new Map()
    const key: unknown[] = []
    key.push(key)
    map.set(key, 1)
    expect(() => serialize(cycle)).toThrow(/nested deeper than 128/)
    expect(() => serialize(map)).toThrow(RmqError)
    let deep: unknown = 1
    for (let i = 0; i < 128; i++) deep = [deep, 1]
    expect(() => serialize(deep)).not.toThrow()
    expect(() => serialize([deep])).toThrow(/deeper/)
  })

  it('sends whole numbers as int and others as float', () => {
    expect(hex(serialize(1))).toBe('80044b012e')
    expect(hex(serialize(float(1)))).toBe('8004950a00000000000000473ff00000000000002e')
    expect(hex(serialize(2 ** 53))).toContain('474340000000000000')
    expect(hex(serialize(-0))).toContain('478000000000000000')
    expect(hex(serialize(5n))).toBe('80044b052e')
  })

  it('does not depend on what came before', () => {
    expect(() => serialize({ a: 'x'.repeat(100_000), b: undefined })).toThrow()
    const first = serialize({ a: 1 })
    serialize(new Uint8Array(3_000_000))
    expect(serialize({ a: 1 })).toEqual(first)
  })

  it('works while another serialize is at work', () => {
    const nested = {
      get inner() {
        return hex(serialize({ deep: [1, 2, 3] }))
      },
      after: 'text',
    }
    expect(deserialize(serialize(nested))).toEqual({ inner: hex(serialize({ deep: [1, 2, 3] })), after: 'text' })
  })

  it('takes views of buffers, also of shared ones', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(100_000)).fill(7)
    const arrived = deserialize(serialize(shared.subarray(1))) as Uint8Array
    expect(Buffer.compare(arrived, new Uint8Array(99_999).fill(7))).toBe(0)
    expect(deserialize(serialize(Buffer.from('abc')))).toEqual(new Uint8Array([97, 98, 99]))
    const window = NDArray.fromData(new Float64Array(new SharedArrayBuffer(32)), 'float64')
    expect((deserialize(serialize(window)) as NDArray).toNested()).toEqual([0, 0, 0, 0])
  })
})

describe('serializeInto', () => {
  const value = { a: new Uint8Array(100_000).fill(1), b: 'text' }
  const bytes = serialize(value)

  it('writes into given memory', () => {
    const target = new Uint8Array(bytes.length + 10)
    const written = serializeInto(value, target)
    expect(written.buffer).toBe(target.buffer)
    expect(Buffer.compare(written, bytes)).toBe(0)
  })

  it('asks for memory of the right length', () => {
    let asked = 0
    const written = serializeInto(value, (byteLength) => {
      asked = byteLength
      return new Uint8Array(byteLength)
    })
    expect(asked).toBe(bytes.length)
    expect(Buffer.compare(written, bytes)).toBe(0)
  })

  it('refuses a target that is too short', () => {
    const tooShort = expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' })
    expect(() => serializeInto(value, new Uint8Array(bytes.length - 1))).toThrow(tooShort)
  })
})

it('recognises errors of other copies of the package', () => {
  const foreign = Object.assign(new Error('x'), { [Symbol.for('@rmq/error')]: true })
  expect(RmqError.isInstance(foreign)).toBe(true)
  expect(RmqError.isInstance(catchError(() => serialize(undefined)))).toBe(true)
  expect(RmqError.isInstance(new Error('x'))).toBe(false)
})

function catchError(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

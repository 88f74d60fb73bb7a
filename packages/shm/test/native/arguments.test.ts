import { expect, test } from 'vitest'
import type { NativeBell, NativeFollower, NativeSegment } from '../../src/native/addon-types.ts'
import { addon, attachOptions, create, createOptions, opened, put, sharedFolder } from './support/native.ts'

function detached(): Uint8Array {
  const bytes = new Uint8Array(100)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

const throwing = new Proxy({}, { get: () => expect.fail('looked into'), getPrototypeOf: () => null })

const ODD: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  -0,
  1,
  -1,
  3,
  17,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 64,
  -(2 ** 64),
  1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  10n,
  '',
  '/dev/shm',
  'a\0b',
  '\ud800',
  Symbol('s'),
  {},
  [],
  () => {},
  throwing,
  new Uint8Array(),
  new Uint8Array(3),
  new Uint8Array(new SharedArrayBuffer(8)),
  new Uint8ClampedArray(3),
  new Float64Array(3),
  new DataView(new ArrayBuffer(3)),
  new ArrayBuffer(3),
  Buffer.from('buffer'),
  detached(),
]

/** Every function with every mixture of odd arguments, as far as a fixed chain of numbers leads. */
function torment(target: object, leaveOut: readonly string[], rounds: number, seed: number) {
  let random = seed
  const next = (limit: number) => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff
    return (random >> 8) % limit
  }
  for (const [name, method] of Object.entries(target)) {
    if (typeof method !== 'function' || leaveOut.includes(name)) continue
    for (let round = 0; round < rounds; round++) {
      const args = Array.from({ length: next(4) }, () => ODD[next(ODD.length)])
      try {
        method.apply(ODD[next(ODD.length)], args)
      } catch (error) {
        // Never an error of V8's own making, such as a pending exception that came through from the call before.
        expect(['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_STATE', undefined]).toContain((error as { code?: string }).code)
        expect(error).toBeInstanceOf(Error)
      }
    }
  }
}

test('nothing that can be passed breaks a segment, a follower or a bell', () => {
  const folder = sharedFolder()
  const { segment } = create({}, `${folder}/s`)
  put(segment, 'something to read')
  const bell = opened(addon.openBell(folder, undefined))
  // A retired segment refuses, which would leave its other paths alone.
  torment(segment, ['close', 'retire'], 600, 1)
  torment(segment.follow(1), [], 300, 2)
  torment(bell, [], 100, 3)
  torment(segment, ['close'], 200, 4)
  segment.close()
  torment(segment, [], 200, 5)
})

test('nothing that can be passed opens anything', () => {
  const factories = {
    createSegment: addon.createSegment,
    attachSegment: addon.attachSegment,
    removeSegment: addon.removeSegment,
    openBell: (directory: unknown, group: unknown) => {
      // The folder that the odd ones name is there: bells in it are real.
      const bell = addon.openBell(directory as string, group as number)
      if (!('status' in bell)) bell.close()
    },
  }
  torment(factories, [], 1000, 6)
})

test('options are read one by one, and each can be wrong', () => {
  const path = `${sharedFolder()}/s`
  for (const option of [...Object.keys(createOptions), 'group', 'prefaultArena']) {
    for (const wrong of [null, 'x', {}, Symbol('s'), Number.NaN, -1]) {
      if (option === 'description' && wrong === 'x') continue
      expect(() => addon.createSegment(path, { ...createOptions, [option]: wrong } as never)).toThrow(TypeError)
    }
  }
  const trap = { ...attachOptions }
  Object.defineProperty(trap, 'group', {
    get() {
      throw new RangeError('from the getter')
    },
  })
  expect(() => addon.attachSegment(path, trap)).toThrow('from the getter')
})

test('wrong arguments are TypeErrors that change nothing', () => {
  const { segment } = create()
  const wrong: ((target: never) => unknown)[] = [
    (s: NativeSegment) => s.put(detached(), 0),
    (s: NativeSegment) => s.put(new Uint16Array(2) as never, 0),
    (s: NativeSegment) => s.put(new Uint8Array(2), Number.NaN),
    (s: NativeSegment) => s.put(new Uint8Array(2), -1),
    (s: NativeSegment) => s.loan(2 ** 64),
    (s: NativeSegment) => s.commit(3, 0, 0),
    (s: NativeSegment) => s.readInto(2, new Uint8Array(2)),
    (s: NativeSegment) => s.readInto(-1, detached()),
    (s: NativeSegment) => s.unlease(16),
    (s: NativeSegment) => s.follow(0),
    (s: NativeSegment) => s.setBell({} as NativeBell),
    (s: NativeSegment) => s.setBell(s as never),
    (s: NativeSegment) => s.setBell(s.follow(1) as never),
    (s: NativeSegment) => s.spin(1, 1e9),
  ]
  for (const call of wrong) expect(() => call(segment as never)).toThrow(TypeError)
  expect([segment.nextSequence(), segment.state()[9]]).toEqual([1, 0])
})

test('methods work apart from their object', () => {
  const { segment } = create()
  const { put: putAlone, follow } = segment
  expect(putAlone(Buffer.from('x'), 0)).toBe(1)
  const { next }: NativeFollower = follow(1)
  expect(Buffer.from(next() as ArrayBuffer).toString()).toBe('x')
})

import { expect, it } from 'vitest'
import { codecs, deserialize, NDArray, RmqError, readNpy, readNpz, StructuredArray, writeNpy } from '../src/index.ts'
import { fromHex } from './describe.ts'
import { DIALECT_GOLDEN, isMessage } from './dialect-golden.ts'
import { damaged, randomFrom } from './mutations.ts'

const bytesOf = ({ hex }: { readonly hex?: string }) => (hex === undefined ? [] : [fromHex(hex)])
const MESSAGES = DIALECT_GOLDEN.filter(isMessage).flatMap(bytesOf)
const NPY = DIALECT_GOLDEN.filter(({ codec }) => codec === 'npy').flatMap(bytesOf)
const NPZ = DIALECT_GOLDEN.filter(({ codec }) => codec.startsWith('savez')).flatMap(bytesOf)
const READERS = [deserialize, ...Object.values(codecs).map(({ decode }) => decode)] as const
const OPTIONS = { floats: 'keep', scalars: 'keep' } as const

/** Either a value, all of which can be looked at and which can be sent or is refused, or a typed error. */
function check(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  try {
    const value = read(bytes)
    look(value)
    for (const { encode, decode } of [codecs['msgpack-numpy'], codecs.groot]) decode(encode(value))
  } catch (error) {
    if (!RmqError.isInstance(error)) throw new Error(`for ${Buffer.from(bytes).toString('hex')}`, { cause: error })
  }
}

function look(value: unknown): void {
  if (value instanceof NDArray || value instanceof StructuredArray) value.toNested()
  else if (Array.isArray(value)) value.forEach(look)
  else if (value instanceof Map) value.forEach(look)
}

it('random bytes are a value or a typed error', () => {
  const random = randomFrom(1)
  for (let run = 0; run < 30_000; run++) {
    const bytes = Uint8Array.from({ length: 1 + random(64) }, () => random(256))
    check(bytes, (bytes) => READERS[run % READERS.length]!(bytes, OPTIONS))
  }
})

it('random containers are a value or a typed error', () => {
  const random = randomFrom(2)
  // Codes of maps, lists, lengths and binary keys are likelier than chance has them.
  const codes = [0x81, 0x82, 0x91, 0x92, 0xc4, 0xc7, 0xd9, 0xdc, 0xdd, 0xde, 0xdf, 0xd6, 0xa1, 0, 1, 2, 3, 0x61]
  for (let run = 0; run < 30_000; run++) {
    const bytes = Uint8Array.from({ length: 1 + random(48) }, () => codes[random(codes.length)]!)
    check(bytes, (bytes) => READERS[run % READERS.length]!(bytes, OPTIONS))
  }
})

it('damaged messages are a value or a typed error', () => {
  const random = randomFrom(3)
  for (let run = 0; run < 30_000; run++) {
    const bytes = damaged(MESSAGES[random(MESSAGES.length)]!, random)
    check(bytes, (bytes) => READERS[run % READERS.length]!(bytes, OPTIONS))
  }
})

it('every cut of a message is refused', () => {
  for (const bytes of MESSAGES) {
    for (let end = 1; end < bytes.length; end++) {
      expect(() => codecs['msgpack-numpy'].decode(bytes.subarray(0, end))).toThrow(RmqError)
      expect(() => deserialize(bytes.subarray(0, end))).toThrow(RmqError)
    }
  }
})

it('damaged .npy files are an array or a typed error', () => {
  const random = randomFrom(4)
  for (let run = 0; run < 10_000; run++) {
    const bytes = damaged(NPY[random(NPY.length)]!, random)
    check(bytes, (bytes) => readNpy(writeNpy(readNpy(bytes))))
  }
  for (const bytes of NPY) {
    for (let end = 0; end < bytes.length; end++) expect(() => readNpy(bytes.subarray(0, end))).toThrow(RmqError)
  }
})

it('damaged .npz files are arrays or a typed error', () => {
  const random = randomFrom(5)
  for (let run = 0; run < 2_000; run++) check(damaged(NPZ[random(NPZ.length)]!, random), (bytes) => readNpz(bytes))
})

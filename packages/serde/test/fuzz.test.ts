import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { deserialize, RmqError, robotmqCodec, serialize } from '../src/index.ts'
import { OP } from '../src/pickle-opcodes.ts'
import { fromHex } from './describe.ts'
import { damaged, randomFrom } from './mutations.ts'

const GOLDEN: Uint8Array[] = ['golden.json', 'golden-numpy1.json'].flatMap((file) => {
  const { entries } = JSON.parse(readFileSync(new URL(`../testdata/${file}`, import.meta.url), 'utf8'))
  return entries.flatMap(({ hex }: { hex?: string }) => (hex === undefined ? [] : [fromHex(hex)]))
})
const OPCODES = Object.values(OP)

/** Either a value, which can be sent or is refused, or a typed error. */
function check(bytes: Uint8Array): void {
  let value: unknown
  try {
    value = deserialize(bytes)
  } catch (error) {
    expectTyped(error, bytes)
    return
  }
  try {
    deserialize(serialize(value))
  } catch (error) {
    expectTyped(error, bytes)
  }
}

function expectTyped(error: unknown, bytes: Uint8Array): void {
  if (!RmqError.isInstance(error)) throw new Error(`for ${Buffer.from(bytes).toString('hex')}`, { cause: error })
}

it('random bytes are a value or a typed error', () => {
  const random = randomFrom(1)
  for (let run = 0; run < 20_000; run++) {
    check(Uint8Array.from({ length: random(64) }, (_, i) => (i === 0 ? 0x80 : i === 1 ? 2 + random(4) : random(256))))
  }
})

it('random opcodes are a value or a typed error', () => {
  const random = randomFrom(2)
  for (let run = 0; run < 30_000; run++) {
    const body = Array.from({ length: 2 + random(40) }, () =>
      random(3) === 0 ? random(4) : OPCODES[random(OPCODES.length)]!,
    )
    check(Uint8Array.from([0x80, 4, ...body, OP.STOP]))
  }
})

it('damaged payloads are a value or a typed error', () => {
  const random = randomFrom(3)
  for (let run = 0; run < 40_000; run++) {
    check(damaged(GOLDEN[random(GOLDEN.length)]!, random))
  }
})

it('every cut of a payload is refused', () => {
  for (const bytes of GOLDEN) {
    for (let end = 1; end < bytes.length; end++) {
      expect(() => robotmqCodec.decode(bytes.subarray(0, end))).toThrow(RmqError)
      // The first byte alone is an empty map in msgpack.
      if (end > 1) expect(() => deserialize(bytes.subarray(0, end))).toThrow(RmqError)
    }
  }
})

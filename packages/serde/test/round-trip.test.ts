import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deserialize, serialize } from '../src/index.ts'
import { sendableValues } from './arbitrary-values.ts'
import { describeValue } from './describe.ts'

it('whatever is sent comes back', () => {
  fc.assert(
    fc.property(sendableValues, (value) => {
      const bytes = serialize(value)
      const again = deserialize(bytes, { floats: 'keep' })
      expect(describeValue(again)).toEqual(describeValue(value))
    }),
    { seed: 20_261_121, numRuns: 300 },
  )
})

it('what was read from a tuple-free payload is written again byte for byte', () => {
  const json = fc.jsonValue()
  fc.assert(
    fc.property(json, (value) => {
      const bytes = serialize(value)
      expect(serialize(deserialize(bytes, { floats: 'keep' }))).toEqual(bytes)
    }),
    { seed: 20_261_121, numRuns: 200 },
  )
})

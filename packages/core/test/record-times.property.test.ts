import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest, type RecordTimes } from '../src/record-times.ts'

/** Records with a put each, and a capture before or behind it. */
const records = fc
  .array(fc.record({ stepS: fc.nat(5), leadS: fc.integer({ min: -8, max: 4 }), captured: fc.boolean() }), {
    maxLength: 40,
  })
  .map((steps) => {
    let putS = 100
    return steps.map(({ stepS, leadS, captured }) => {
      putS += stepS
      return { putS, momentS: captured ? putS + leadS : putS }
    })
  })

function timesOf(list: readonly { putS: number; momentS: number }[], bounded: boolean) {
  const looked = new Set<number>()
  const leads = list.map(({ putS, momentS }) => momentS - putS)
  const times: RecordTimes = {
    count: list.length,
    sequence: (index) => index + 1,
    putS: (index) => list[index]!.putS,
    momentS: (index) => {
      looked.add(index)
      return list[index]!.momentS
    },
    leadS: bounded ? Math.max(0, ...leads) : Number.POSITIVE_INFINITY,
    lagS: bounded ? Math.max(0, ...leads.map((lead) => -lead)) : Number.POSITIVE_INFINITY,
  }
  return { times, looked }
}

test('finds the nearest moment as a look at every record would', () => {
  fc.assert(
    fc.property(records, fc.integer({ min: 80, max: 320 }), fc.boolean(), (list, timeS, bounded) => {
      let best: number | undefined
      for (const [index, { momentS }] of list.entries()) {
        if (best === undefined || Math.abs(momentS - timeS) <= Math.abs(list[best]!.momentS - timeS)) best = index
      }
      expect(nearest(timesOf(list, bounded).times, timeS)).toBe(best)
    }),
    { numRuns: 2000 },
  )
})

test('looks at few of many records where captures are near their puts', () => {
  const list = Array.from({ length: 100_000 }, (_, index) => ({ putS: index, momentS: index - 1.5 }))
  const { times, looked } = timesOf(list, true)
  expect(nearest(times, 70_000)).toBe(70_002)
  expect(looked.size).toBeLessThan(10)
})

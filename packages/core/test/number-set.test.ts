import { expect, test } from 'vitest'
import { NumberSet } from '../src/number-set.ts'

test('knows what a set knows, in as many ranges as there are', () => {
  const numbers = new NumberSet()
  const known = new Set<number>()
  // A fixed sequence without order, with repetitions.
  for (let step = 0, number = 1; step < 3000; step++, number = (number * 48271) % 2147483647) {
    const value = number % 400
    numbers.add(value)
    known.add(value)
    if (step % 500 === 499) {
      const floor = step / 25
      numbers.deleteBelow(floor)
      for (const each of known) if (each < floor) known.delete(each)
    }
    for (const each of [value - 1, value, value + 1]) expect(numbers.has(each)).toBe(known.has(each))
  }
  const starts = [...known].filter((each) => !known.has(each - 1))
  expect(numbers.ranges).toBe(starts.length)
})

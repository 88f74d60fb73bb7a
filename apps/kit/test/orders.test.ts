import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { Orders } from '../src/orders.ts'

it('knows the orders that came, in whatever pieces', () => {
  const input = new PassThrough()
  const orders = new Orders(input)
  input.write('stop half')
  expect(orders.has('stop halfway')).toBe(false)
  input.write('way\nre')
  expect([orders.has('stop halfway'), orders.has('rest')]).toEqual([true, false])
  input.write('st\n')
  expect(orders.has('rest')).toBe(true)
})

it('has none where nobody gives any', () => {
  expect(new Orders().has('rest')).toBe(false)
})

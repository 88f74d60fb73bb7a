import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FrameAccount } from '../src/roles/frame-account.ts'

const counts = (lost: number) => ({ received: 0, lost, skipped: 0 })

it('is content with frames that come one after the other, also from the next camera', () => {
  const account = new FrameAccount()
  const add = (epoch: string, sequence: number, frameId: number, lost = 0, lostBefore = 0) =>
    account.add({ epoch, sequence, lostBefore }, frameId, counts(lost))
  expect(add('one', 5, 5)).toEqual({ lost: 0 })
  expect(add('one', 6, 6)).toEqual({ lost: 0 })
  expect(add('one', 9, 9, 2, 2)).toEqual({ lost: 2 })
  expect(add('two', 1, 10, 2)).toEqual({ lost: 0 })
  expect(add('two', 2, 11, 2)).toEqual({ lost: 0 })
})

it('counts what left before a new camera was found, whether the subscription does so or not', () => {
  for (const counted of [0, 3]) {
    const account = new FrameAccount()
    account.add({ epoch: 'one', sequence: 1, lostBefore: 0 }, 1, counts(0))
    const found = account.add({ epoch: 'two', sequence: 4, lostBefore: counted }, 5, counts(counted))
    expect(found).toEqual({ lost: 3 })
  }
})

it.each([
  ['twice', 'one', 2, 7],
  ['with another number than its place', 'one', 2, 9],
  ['from the next camera with a number that was there', 'two', 1, 7],
])('tells a frame that comes %s', (_, epoch, sequence, frameId) => {
  const account = new FrameAccount()
  account.add({ epoch: 'one', sequence: 1, lostBefore: 0 }, 7, counts(0))
  const { problem } = account.add({ epoch, sequence, lostBefore: 0 }, frameId, counts(0))
  expect(problem).toBe(`frame ${frameId} came after frame 7`)
})

it('accounts for every frame, whatever was lost', () => {
  const lives = fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(lives, (gapsOfLives) => {
      const account = new FrameAccount()
      let [frameId, lost, accounted] = [0, 0, 0]
      let first: number | undefined
      for (const [life, gaps] of gapsOfLives.entries()) {
        let sequence = 0
        for (const gap of gaps) {
          sequence += gap + 1
          frameId += gap + 1
          lost += gap
          first ??= frameId
          const found = account.add({ epoch: `${life}`, sequence, lostBefore: gap }, frameId, counts(lost))
          expect(found.problem).toBeUndefined()
          accounted += 1 + found.lost
        }
      }
      expect(accounted).toBe(frameId - first! + 1)
    }),
  )
})

import { expect, test } from 'vitest'
import { UnreadReplies } from '../src/server/unread-replies.ts'

test('what a client says to have had is no longer unread', () => {
  const unread = new UnreadReplies()
  for (const bytes of [10, 20, 30]) unread.add(bytes)
  unread.confirm(1)
  expect(unread.bytes).toBe(50)
  unread.confirm(1)
  expect(unread.bytes).toBe(50)
  unread.confirm(3)
  expect(unread.bytes).toBe(0)
})

test('a reply that was not sent is not waited for', () => {
  const unread = new UnreadReplies()
  unread.add(10)
  unread.remove(unread.add(20))
  unread.add(30)
  unread.confirm(2)
  expect(unread.bytes).toBe(0)
})

test('counts wrap at 2^32; those that go back tell nothing', () => {
  const unread = new UnreadReplies()
  unread.confirm(0x7fff_ffff)
  unread.confirm(0xffff_fffe)
  unread.add(1)
  unread.add(2)
  unread.confirm(0xffff_ffff)
  expect(unread.bytes).toBe(2)
  unread.confirm(0xffff_fff0)
  expect(unread.bytes).toBe(2)
  unread.confirm(0)
  expect(unread.bytes).toBe(0)
})

import { describe, expect, test } from 'vitest'
import { decodeFrame } from '../src/robotmq/frame.ts'
import { type Execution, ResendWindow } from '../src/server/resend-window.ts'
import { countBody, frame, recordBody } from './support/robotmq-frames.ts'

const pop = (timestampS: number) => frame('t', 2, countBody(1), timestampS)
const answered = (): Execution => ({ reply: Promise.resolve(new Uint8Array(10)) })
const running = (): Execution => ({ reply: new Promise(() => {}) })

function makeWindow(options: { maxEntries?: number; maxBytes?: number } = {}) {
  const clock = { nowS: 0 }
  const window = new ResendWindow({ nowS: () => clock.nowS, ...options })
  const add = (peer: string, bytes: Uint8Array, execution: Execution) =>
    window.add(peer, bytes, decodeFrame(bytes), execution)
  const find = (peer: string, bytes: Uint8Array) => window.find(peer, bytes, decodeFrame(bytes))
  return { clock, window, add, find }
}

describe('ResendWindow', () => {
  test('the same bytes from another connection are a candidate, from the same one not', () => {
    const { add, find } = makeWindow()
    const execution = running()
    add('a', pop(1), execution)
    expect(find('b', pop(1))?.execution).toBe(execution)
    expect(find('a', pop(1))).toBeUndefined()
    expect(find('b', pop(2))).toBeUndefined()
  })

  test('the same timestamp with other bytes is another call', () => {
    const { add, find } = makeWindow()
    add('a', frame('t', 5, recordBody('one'), 1), running())
    expect(find('b', frame('t', 5, recordBody('two'), 1))).toBeUndefined()
  })

  test('the next frame of a connection proves that the reply arrived', () => {
    const { window, add, find } = makeWindow()
    add('a', pop(1), answered())
    window.moveOn('a')
    expect(find('b', pop(1))).toBeUndefined()
    expect(window.size).toBe(0)
    expect(window.bytes).toBe(0)
  })

  test('a resend of a resend still finds the first execution; moving on ends it for all connections', () => {
    const { window, add, find } = makeWindow()
    const execution = running()
    add('a', pop(1), execution)
    window.attach('b', find('b', pop(1))!)
    window.attach('c', find('c', pop(1))!)
    expect(find('d', pop(1))?.execution).toBe(execution)
    expect([...find('d', pop(1))!.peers]).toEqual(['a', 'b', 'c'])
    window.moveOn('c')
    expect(window.size).toBe(0)
  })

  test('answered frames are forgotten after a minute, running ones are not', async () => {
    const { clock, window, add, find } = makeWindow()
    add('a', pop(1), answered())
    add('b', pop(2), running())
    await Promise.resolve()
    clock.nowS = 61
    expect(find('x', pop(1))).toBeUndefined()
    expect(find('x', pop(2))).toBeDefined()
    expect(window.size).toBe(1)
  })

  test('an answer that grows is counted, and forgotten where it is too much', async () => {
    const { window, add } = makeWindow({ maxBytes: 1000 })
    const execution = answered()
    add('a', pop(1), execution)
    await Promise.resolve()
    const bytes = window.bytes
    window.resize(execution, 510)
    expect(window.bytes).toBe(bytes + 500)
    expect(window.remembers(execution)).toBe(true)
    window.resize(execution, 2000)
    expect(window.remembers(execution)).toBe(false)
    expect(window.bytes).toBe(0)
    window.resize(execution, 10)
    expect(window.bytes).toBe(0)
  })

  test('entries and bytes are bounded; what was answered longest ago goes first', async () => {
    const { window, add, find } = makeWindow({ maxEntries: 3 })
    for (let index = 0; index < 6; index++) {
      add(`p${index}`, pop(index), answered())
      await Promise.resolve()
    }
    expect(window.size).toBe(3)
    expect(find('x', pop(0))).toBeUndefined()
    expect(find('x', pop(5))).toBeDefined()
    const small = makeWindow({ maxBytes: 100 })
    for (let index = 0; index < 50; index++) {
      small.add(`p${index}`, pop(index), answered())
      await Promise.resolve()
    }
    expect(small.window.bytes).toBeLessThanOrEqual(100)
  })
})

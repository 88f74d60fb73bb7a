import { NDArray, RmqError } from 'robotmq'
import { describe, expect, test } from 'vitest'
import { errorLine, parseErrorText, traceback } from '../src/error-text.ts'
import { ActionChunk, timedActions } from '../src/index.ts'
import { parsePolicyUrl } from '../src/policy-url.ts'

describe('action chunks', () => {
  const actions = NDArray.from([
    [0, 1],
    [2, 3],
    [4, 5],
  ])

  test('tell the action that is due', () => {
    const chunk = ActionChunk.from(timedActions(actions, { startS: 10, periodS: 0.5 }))
    const due = (timeS: number) => chunk.at(timeS)?.toNested()
    expect([9.99, 10, 10.49, 10.5, 11.4, 11.5].map(due)).toEqual([undefined, [0, 1], [0, 1], [2, 3], [4, 5], undefined])
    expect(due(Number.NaN)).toBeUndefined()
    expect(chunk.endS).toBe(11.5)
  })

  test('of one action never end, and of none have nothing due', () => {
    const one = ActionChunk.from(timedActions(actions.slice([0, 1]), { startS: 1, periodS: 1 }))
    expect(one.at(1e9)?.toNested()).toEqual([0, 1])
    const none = ActionChunk.from(timedActions(actions.slice([0, 0]), { startS: 1, periodS: 1 }))
    expect(none.at(1)).toBeUndefined()
  })

  test.each([
    {},
    { actions },
    { actions, timestamps: NDArray.from([1, 2]) },
    { actions: [1], timestamps: NDArray.from([1]) },
  ])('are refused where times are missing: %#', (answer) => {
    expect(() => ActionChunk.from(answer)).toThrow(expect.objectContaining({ code: 'MALFORMED_MESSAGE' }))
  })
})

describe('errors as text', () => {
  test('come back with their code', () => {
    const error = new RmqError('SUPERSEDED', 'A newer one came.\nReally.')
    for (const text of [errorLine(error), traceback(error)]) expect(parseErrorText(text)).toMatchObject({ ...error })
    expect(parseErrorText(traceback(error)).message).toBe(error.message)
  })

  test('of other kinds are REQUEST_FAILED with all of the text', () => {
    const text = traceback(new TypeError('no'))
    expect(text).toMatch(/^Traceback \(most recent call last\):\n {2}at [\s\S]*\nTypeError: no$/)
    expect(parseErrorText(text)).toMatchObject({ code: 'REQUEST_FAILED', message: text })
    expect(parseErrorText('RmqError [NONSENSE]: x')).toMatchObject({ code: 'REQUEST_FAILED' })
    expect(errorLine('thrown')).toBe('thrown')
  })
})

describe('urls', () => {
  test.each([
    ['openpi://robot:9000', 'openpi', 'ws://robot:9000'],
    ['openpi://robot', 'openpi', 'ws://robot:8000'],
    ['openpi://[::1]/v1/realtime/robot/openpi', 'openpi', 'ws://[::1]:8000/v1/realtime/robot/openpi'],
    ['wss://robot/policy', 'openpi', 'wss://robot/policy'],
    ['groot://robot', 'groot', 'tcp://robot:5555'],
    ['groot://robot:6000', 'groot', 'tcp://robot:6000'],
    ['groot:///tmp/groot', 'groot', 'ipc:///tmp/groot'],
    ['tcp://robot:5555', 'robotmq', 'tcp://robot:5555'],
    ['ipc:///tmp/policy', 'robotmq', 'ipc:///tmp/policy'],
  ])('%s', (url, dialect, address) => {
    expect(parsePolicyUrl(url)).toEqual({ dialect, address })
  })

  test.each(['', 'robot:8000', 'http://robot', 'openpi://', 'openpi://a b', 'ws://'])('not %j', (url) => {
    expect(() => parsePolicyUrl(url)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})

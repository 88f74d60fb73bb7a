import { type ClockEstimate, type Command, type Link, RmqError, sameHostClock } from '@rmq/core'
import { expect, test, vi } from 'vitest'
import { callWithResend, type ResendPolicy } from '../src/resend.ts'

/** A link whose replies the test gives by hand. */
class FakeLink implements Link {
  dialect = 'rmq' as const
  server = 'run 1'
  sent: { command: Command; resolve: (reply: never) => void; reject: (error: Error) => void }[] = []
  blocked = false

  ready(options: { signal?: AbortSignal } = {}): Promise<void> {
    if (!this.blocked) return Promise.resolve()
    return new Promise((_, reject) => options.signal?.addEventListener('abort', () => reject(options.signal?.reason)))
  }

  call<C extends Command>(command: C): Promise<never> {
    return new Promise((resolve, reject) => this.sent.push({ command, resolve, reject }))
  }

  subscribe(): Promise<never> {
    return Promise.reject(new Error('not expected'))
  }

  serverNowS(): number {
    return 0
  }

  clock(): ClockEstimate {
    return sameHostClock(0)
  }

  async close(): Promise<void> {}
}

function policy(changes: Partial<ResendPolicy> = {}): ResendPolicy {
  return {
    timeoutS: 0.01,
    automaticResend: true,
    signal: undefined,
    once: true,
    onRetry: () => {},
    watch: () => () => {},
    unanswered: () => new RmqError('TIMEOUT', 'late'),
    ...changes,
  }
}

const make = (server: string): Command => ({
  op: 'pop',
  topic: 't',
  n: 1,
  key: { client: 'c', request: 1, floor: 1, server },
})

test('sends the same command again until answered, and takes the answer to any of the sends', async () => {
  const link = new FakeLink()
  const retries = vi.fn()
  const call = callWithResend(link, make, policy({ onRetry: retries }))
  await vi.waitUntil(() => link.sent.length >= 3)
  expect(retries.mock.calls.length).toBe(link.sent.length - 1)
  expect(new Set(link.sent.map(({ command }) => command)).size).toBe(1)
  link.sent[0]!.resolve('first' as never)
  expect(await call).toBe('first')
})

test('without resends it fails after the first timeout', async () => {
  const link = new FakeLink()
  await expect(callWithResend(link, make, policy({ automaticResend: false }))).rejects.toMatchObject({
    code: 'TIMEOUT',
  })
  expect(link.sent.length).toBe(1)
})

test('tells whether it was sent when it gives up', async () => {
  const link = new FakeLink()
  link.blocked = true
  const unanswered = vi.fn(() => new RmqError('TIMEOUT', 'late'))
  const call = callWithResend(link, make, policy({ automaticResend: false, unanswered }))
  await expect(call).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(unanswered).toHaveBeenCalledWith('unsent', 0.01)
})

test('without resends, the loss of the connection ends it at once', async () => {
  const link = new FakeLink()
  let lose = () => {}
  const watch: ResendPolicy['watch'] = (watcher) => {
    lose = watcher.disconnected
    return () => {}
  }
  const unanswered = vi.fn(() => new RmqError('OUTCOME_UNKNOWN', 'lost'))
  const call = callWithResend(link, make, policy({ automaticResend: false, timeoutS: 60, watch, unanswered }))
  await vi.waitUntil(() => link.sent.length === 1)
  lose()
  await expect(call).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(unanswered).toHaveBeenCalledWith('lost', 60)
})

test('what has an effect is never sent to another run of the server', async () => {
  const link = new FakeLink()
  const call = callWithResend(link, make, policy())
  await vi.waitUntil(() => link.sent.length >= 1)
  link.server = 'run 2'
  await expect(call).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(new Set(link.sent.map(({ command }) => command)).size).toBe(1)
})

test('what has none is', async () => {
  const link = new FakeLink()
  const call = callWithResend(link, () => ({ op: 'peek', topic: 't', n: 1 }) as const, policy({ once: false }))
  await vi.waitUntil(() => link.sent.length >= 1)
  link.server = 'run 2'
  await vi.waitUntil(() => link.sent.length >= 2)
  link.sent[1]!.resolve('answer' as never)
  expect(await call).toBe('answer')
})

test('a new connection is used at once, not after the timeout', async () => {
  const link = new FakeLink()
  let reconnected = () => {}
  const watch: ResendPolicy['watch'] = (watcher) => {
    reconnected = watcher.reconnected
    return () => {}
  }
  const call = callWithResend(link, make, policy({ timeoutS: 1000, watch }))
  await vi.waitUntil(() => link.sent.length >= 1)
  reconnected()
  await vi.waitUntil(() => link.sent.length >= 2)
  link.sent[1]!.resolve('answer' as never)
  expect(await call).toBe('answer')
})

test('an error reply ends the call', async () => {
  const link = new FakeLink()
  const call = callWithResend(link, make, policy())
  await vi.waitUntil(() => link.sent.length >= 1)
  link.sent[0]!.reject(new RmqError('TOPIC_NOT_FOUND', 'no'))
  await expect(call).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
})

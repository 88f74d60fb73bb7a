import type { IncomingRequest } from '@rmq/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Superseding } from '../src/superseding.ts'
import { pair } from './support/subjects.ts'

const codeOf = (call: Promise<Uint8Array>) =>
  call.then(
    (data) => data[0],
    (error) => error.code,
  )

test('who waits for requests gets the newest of a client, and others their own', async () => {
  const { server, client } = await pair()
  onTestFinished(() => server.close())
  server.addTopic('r', { messageRemainingTimeS: 60 })
  const ask = (value: number, supersede: boolean) =>
    codeOf(client.requestWithData('r', Uint8Array.of(value), { supersede, timeoutS: 30 }))
  const answers = [ask(1, true), ask(2, false), ask(3, true), ask(4, false), ask(5, true)]
  expect(await Promise.all([answers[0], answers[2]])).toEqual(['SUPERSEDED', 'SUPERSEDED'])
  const seen: number[] = []
  for (let left = 3; left > 0; left--) {
    const request = (await server.waitForRequest(10)) as IncomingRequest
    seen.push(request[0]!)
    server.replyRequest(request, request.data)
  }
  expect(seen).toEqual([2, 4, 5])
  expect(await Promise.all([answers[1], answers[3], answers[4]])).toEqual([2, 4, 5])
  await client.close()
})

test('a request that nobody waits for any more leaves its place', async () => {
  const { server, client } = await pair()
  onTestFinished(() => server.close())
  server.addTopic('r', { messageRemainingTimeS: 60 })
  let release: (() => void) | undefined
  server.onRequest('r', async (request) => {
    if (request[0] === 1)
      await new Promise<void>((resolve) => {
        release = resolve
      })
    return request.data
  })
  const ask = (value: number, signal?: AbortSignal) =>
    codeOf(
      client.requestWithData('r', Uint8Array.of(value), { supersede: true, timeoutS: 30, ...(signal && { signal }) }),
    )
  const first = ask(1)
  await vi.waitUntil(() => release !== undefined, 10_000)
  const waiting = new AbortController()
  const second = ask(2, waiting.signal)
  waiting.abort({ code: 'given up' })
  expect(await second).toBe('given up')
  const third = ask(3)
  release?.()
  expect(await Promise.all([first, third])).toEqual([1, 3])
  await client.close()
})

test('an older request that comes late does not take the place of a newer one', () => {
  const superseding = new Superseding()
  const happened: string[] = []
  const request = (number: number) => ({
    number,
    taken: false,
    begin: () => happened.push(`${number} begins`),
    replaced: () => happened.push(`${number} replaced`),
  })
  const [first, second, third] = [request(1), request(2), request(3)]
  superseding.enter('k', second)
  superseding.enter('k', first)
  second.taken = true
  superseding.enter('k', third)
  superseding.enter('k', request(0))
  superseding.leave('k', second)
  expect(happened).toEqual(['2 begins', '1 replaced', '0 replaced', '3 begins'])
})

import type { RequestReport, StreamReporter } from '@rmq/app-kit'
import { inferActions } from '@rmq/app-policy'
import { deserialize, NDArray, type RMQClient, RmqError, serialize } from 'robotmq'
import { expect, it, vi } from 'vitest'
import { PolicyAsker } from '../src/roles/policy-asker.ts'

const image = NDArray.fromBytes(new Uint8Array(12).fill(100), 'uint8', [2, 2, 3])
const joints = NDArray.fromData(Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), 'float64')

type Answer = (right: NDArray<'float32'>) => unknown

/** Asks twice. @returns what the asker told */
async function ask(answer: Answer, { resends = 0 } = {}) {
  const told = { seen: 0, wrong: [] as string[], lost: [] as string[], requests: [] as string[] }
  const reporter = {
    seen: () => {
      told.seen += 1
    },
    wrong: (problem: string) => told.wrong.push(problem),
    lost: (_: number, problem: string) => told.lost.push(problem),
  } as unknown as StreamReporter
  let retry = () => {}
  const policy = {
    on(_event: string, listener: () => void) {
      retry = listener
    },
    async requestWithData(_topic: string, data: Uint8Array) {
      for (let resend = 0; resend < resends; resend++) retry()
      const observation = deserialize(data) as { image: NDArray<'uint8'>; joints: NDArray<'float64'> }
      return serialize(answer(inferActions(observation.image, observation.joints.data)))
    },
  } as unknown as RMQClient
  const tell = (report: unknown) => {
    const { request, was } = report as RequestReport
    told.requests.push(`${request} ${was}`)
  }
  const asker = new PolicyAsker(policy, reporter, new AbortController().signal, tell)
  for (let request = 1; request <= 2; request++) {
    asker.ask(image, joints)
    expect(asker.busy).toBe(true)
    await vi.waitFor(() => expect(asker.busy).toBe(false))
  }
  return told
}

it('is content with right answers, and tells of each request', async () => {
  expect(await ask((actions) => ({ actions }), { resends: 1 })).toEqual({
    seen: 2,
    wrong: [],
    lost: [],
    requests: ['1 asked', '1 resent', '1 answered', '2 asked', '2 resent', '2 answered'],
  })
})

it.each<[string, Answer]>([
  ['one bit', (right) => ({ actions: flipped(right) })],
  ['shape', (right) => ({ actions: right.reshape(7, 16) })],
  ['dtype', (right) => ({ actions: right.astype('float64') })],
  ['no actions', () => ({ error: 'out of order' })],
])('tells an answer that is wrong in %s', async (_, answer) => {
  const { wrong } = await ask(answer)
  expect(wrong).toEqual(Array(2).fill('the policy answered with other actions than it must'))
})

it('counts a request without an answer as lost, and goes on', async () => {
  const told = await ask(() => {
    throw new RmqError('OUTCOME_UNKNOWN', 'no answer')
  })
  expect(told).toMatchObject({ seen: 0, lost: Array(2).fill('OUTCOME_UNKNOWN: no answer') })
})

it('ends with what it did not expect', async () => {
  const failure = ask(() => {
    throw new TypeError('a bug')
  })
  await expect(failure).rejects.toThrow('a bug')
})

function flipped(right: NDArray<'float32'>): NDArray {
  const bytes = Uint8Array.from(right.toBytes())
  bytes[100]! ^= 1
  return NDArray.fromBytes(bytes, 'float32', right.shape)
}

import { RmqError } from 'robotmq'
import { describe, expect, test } from 'vitest'
import { batched, type Observation, PolicyGateway } from '../src/index.ts'
import { connect, double, freshIpc, gate, observation, serve, until, urlOf } from './support/gateway.ts'

const SCHEMES = ['ipc', 'openpi', 'groot'] as const

test.each(SCHEMES)('one handler serves the client of %s', async (scheme) => {
  const gateway = await serve(double, { metadata: { policy: 'doubler' } })
  const client = await connect(urlOf(gateway, scheme))
  expect(client.metadata).toEqual({ policy: 'doubler' })
  const { actions, seen } = await client.infer(observation(1))
  expect(String(actions)).toBe('[2. 4. 6.]')
  expect(seen).toBe(double(observation(1))['seen'])
})

describe('batches', () => {
  test('of eight clients of all dialects take two calls, and each client gets its own actions', async () => {
    const sizes: number[] = []
    const policy = batched(
      (observations) => {
        sizes.push(observations.length)
        return observations.map(double)
      },
      { maxSize: 4, windowS: 10 },
    )
    const gateway = await serve(policy)
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, index) => connect(urlOf(gateway, SCHEMES[index % 3]!))),
    )
    const answers = await Promise.all(clients.map((client, index) => client.infer(observation(index))))
    expect(answers.map(({ seen }) => seen)).toEqual(answers.map((_, index) => double(observation(index))['seen']))
    expect(sizes).toEqual([4, 4])
  })

  test('wait no longer than the window', async () => {
    const gateway = await serve(
      batched((observations) => observations.map(double), { maxSize: 4, windowS: 0.05 }),
      { robotmq: { endpoint: freshIpc() } },
    )
    const client = await connect(urlOf(gateway, 'ipc'))
    expect((await client.infer(observation(1)))['seen']).toBe(double(observation(1))['seen'])
  })

  test('tell an error to the one that it belongs to, or to all', async () => {
    const policy = batched(
      (observations) => {
        if (observations.some((asked) => 'all' in asked)) throw new Error('no power')
        return observations.map((asked) => ('one' in asked ? new Error('out of reach') : double(asked)))
      },
      { maxSize: 2, windowS: 10 },
    )
    const gateway = await serve(policy, { openpi: { port: 0 } })
    const [left, right] = await Promise.all([connect(gateway.urls[0]!), connect(gateway.urls[0]!)])
    const ask = (one: Observation, other: Observation) => Promise.allSettled([left.infer(one), right.infer(other)])
    const [first, second] = await ask({ one: true }, observation(1))
    expect(first).toMatchObject({
      reason: { code: 'REQUEST_FAILED', message: expect.stringContaining('out of reach') },
    })
    expect(second.status).toBe('fulfilled')
    const both = await ask({ all: true }, observation(1))
    for (const each of both) expect(each).toMatchObject({ reason: { message: expect.stringContaining('no power') } })
  })

  test('must be answered in full', async () => {
    const gateway = await serve(
      batched(() => [], { maxSize: 2, windowS: 0 }),
      { openpi: { port: 0 } },
    )
    const client = await connect(gateway.urls[0]!)
    await expect(client.infer({})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

test.each(['ipc', 'openpi'] as const)('the latest observation wins over one that waits, on %s', async (scheme) => {
  const { opened, open } = gate()
  const ran: unknown[] = []
  const gateway = await serve(
    async (asked) => {
      ran.push(asked['n'])
      await opened
      return { n: asked['n'] }
    },
    { latestWins: true },
  )
  const client = await connect(urlOf(gateway, scheme))
  const other = await connect(urlOf(gateway, scheme))
  const first = client.infer({ n: 1 })
  await until(() => gateway.health().running === 1)
  const second = client.infer({ n: 2 })
  second.catch(() => {})
  await until(() => gateway.health().waiting === 1)
  const others = other.infer({ n: 3 })
  await until(() => gateway.health().waiting === 2)
  const third = client.infer({ n: 4 })
  await until(() => gateway.health().superseded === 1)
  open()
  await expect(second).rejects.toMatchObject({ code: 'SUPERSEDED' })
  expect(await Promise.all([first, others, third])).toMatchObject([{ n: 1 }, { n: 3 }, { n: 4 }])
  expect(ran).toEqual([1, 3, 4])
})

test.each(SCHEMES)('an observation that misses its deadline is told so, and its handler too, on %s', async (scheme) => {
  let reason: unknown
  const gateway = await serve(
    (asked, { signal }) => {
      if ('state' in asked) return double(asked)
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason
          reject(signal.reason)
        })
      })
    },
    { deadlineS: 0.1 },
  )
  const client = await connect(urlOf(gateway, scheme))
  await expect(client.infer({})).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('0.1 s') })
  expect(RmqError.isInstance(reason) && reason.code).toBe('TIMEOUT')
  expect((await client.infer(observation(1)))['seen']).toBe(double(observation(1))['seen'])
  expect(gateway.health()).toMatchObject({ expired: 1, failed: 0, answered: 1 })
})

test('no more than maxWaiting observations wait', async () => {
  const { opened, open } = gate()
  const gateway = await serve(() => opened.then(() => ({})), { openpi: { port: 0 }, maxWaiting: 2 })
  const client = await connect(gateway.urls[0]!)
  const taken = [client.infer({}), client.infer({}), client.infer({})]
  await until(() => gateway.health().waiting === 2)
  const refused = client.infer({})
  refused.catch(() => {})
  await until(() => gateway.health().refused === 1)
  open()
  await Promise.all(taken)
  await expect(refused).rejects.toMatchObject({ code: 'QUEUE_FULL' })
})

test('a client has 16 calls in flight at most', async () => {
  const { opened, open } = gate()
  const gateway = await serve(() => opened.then(() => ({})), { openpi: { port: 0 } })
  const client = await connect(gateway.urls[0]!)
  const taken = Array.from({ length: 16 }, () => client.infer({}))
  await expect(client.infer({})).rejects.toMatchObject({ code: 'QUEUE_FULL' })
  open()
  await Promise.all(taken)
  await client.infer({})
})

describe('closing', () => {
  test.each(SCHEMES)('answers what it has and takes no more, on %s', async (scheme) => {
    const { opened, open } = gate()
    const gateway = await serve((asked) => opened.then(() => ({ n: asked['n'] })))
    const [one, other] = await Promise.all([connect(urlOf(gateway, scheme)), connect(urlOf(gateway, scheme))])
    const answers = [one.infer({ n: 1 }), other.infer({ n: 2 })]
    await until(() => gateway.health().running === 1 && gateway.health().waiting === 1)
    const late = await connect(urlOf(gateway, scheme))
    const closing = gateway.close()
    expect(gateway.health().state).toBe('closing')
    await expect(late.infer({ n: 3 })).rejects.toMatchObject({ code: 'CLOSED' })
    if (scheme === 'openpi') {
      const healthz = await fetch(`${urlOf(gateway, scheme).replace('openpi', 'http')}/healthz`)
      expect(healthz.status).toBe(503)
    }
    open()
    expect(await Promise.all(answers)).toMatchObject([{ n: 1 }, { n: 2 }])
    await closing
    expect(gateway.health()).toMatchObject({ state: 'closed', answered: 2, refused: 1 })
  })

  test('waits no longer than it was told', async () => {
    const gateway = await serve(() => new Promise(() => {}), { openpi: { port: 0 } })
    const client = await connect(gateway.urls[0]!)
    const asked = client.infer({})
    asked.catch(() => {})
    await until(() => gateway.health().running === 1)
    await gateway.close({ drainS: 0.05 })
    await expect(asked).rejects.toMatchObject({ code: 'CLOSED' })
    await gateway.closed
  })
})

test('the policy is warm before anybody is served', async () => {
  const sizes: number[] = []
  const endpoint = freshIpc()
  const policy = batched(
    (observations) => {
      sizes.push(observations.length)
      return observations.map(double)
    },
    { maxSize: 4 },
  )
  await serve(policy, { robotmq: { endpoint }, warmUp: observation(1) })
  expect(sizes).toEqual([1, 4])
  const broken = () => {
    throw new Error('no such network')
  }
  const cold = PolicyGateway.serve(broken, { openpi: { port: 0 }, warmUp: {} })
  await expect(cold).rejects.toThrow('no such network')
})

test('resets reach the policy from all clients', async () => {
  const fronts: string[] = []
  const gateway = await serve(double, { onReset: ({ front }) => void fronts.push(front) })
  for (const scheme of SCHEMES) await (await connect(urlOf(gateway, scheme))).reset()
  expect(fronts).toEqual(['robotmq', 'openpi', 'groot'])
})

test.each([
  [{}, 'somebody to serve'],
  [{ openpi: { port: 0 }, deadlineS: 0 }, 'deadlineS'],
  [{ openpi: { port: 0 }, maxWaiting: 1.5 }, 'maxWaiting'],
  [{ openpi: { port: 0 }, maxRunning: 0 }, 'maxRunning'],
])('options are checked: %j', async (options, complaint) => {
  const refused = PolicyGateway.serve(double, options)
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(complaint) })
})

test('an answer must be a map', async () => {
  const gateway = await serve((() => [1]) as never, { openpi: { port: 0 } })
  const client = await connect(gateway.urls[0]!)
  await expect(client.infer({})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

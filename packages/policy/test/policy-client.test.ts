import type { NDArray } from 'robotmq'
import { expect, test } from 'vitest'
import { PolicyClient } from '../src/index.ts'
import { connect, double, freePort, freshIpc, observation, serve } from './support/gateway.ts'
import { describeWithPython, type PythonServer, startServer } from './support/python.ts'

const seen = double(observation(9))['seen']

interface Served {
  readonly server: PythonServer
  readonly url: string
}

async function openpiServer(port = 0, ...key: string[]): Promise<Served> {
  const server = await startServer('openpi_server.py', String(port), ...key)
  return { server, url: `openpi://127.0.0.1:${server.line}` }
}

async function grootServer(port: number | '*' = '*', ...token: string[]): Promise<Served> {
  const server = await startServer('groot_server.py', String(port), ...token)
  return { server, url: `groot://127.0.0.1:${server.line}` }
}

describeWithPython('a policy client', () => {
  test("is answered by openpi's server", async () => {
    const { url } = await openpiServer()
    const client = await connect(url)
    expect(client.metadata).toEqual({ policy: 'doubler', horizon: 4 })
    const answer = await client.infer(observation(9))
    expect((answer['actions'] as NDArray).dtype.name).toBe('float32')
    expect((answer['actions'] as NDArray).toNested()).toEqual([18, 4, 6])
    expect(answer).toMatchObject({ seen, state_dtype: '<f4', resets: 0 })
    await client.reset()
    expect(await client.infer(observation(9))).toMatchObject({
      resets: 1,
      server_timing: { prev_total_ms: expect.anything() },
    })
  })

  test("is answered by GR00T's server", async () => {
    const { url } = await grootServer()
    const client = await connect(url)
    expect(client.metadata).toEqual({ state: { delta_indices: [0], modality_keys: ['joints'] } })
    const answer = await client.infer(observation(9))
    expect((answer['actions'] as NDArray).toNested()).toEqual([18, 4, 6])
    expect(answer).toMatchObject({ seen, state_dtype: '<f4', info: { resets: 0 } })
    await client.reset()
    expect(await client.infer(observation(9))).toMatchObject({ info: { resets: 1 } })
  })

  test("is answered by Python's robotmq server", async () => {
    const endpoint = freshIpc()
    await startServer('robotmq_server.py', endpoint)
    const client = await connect(endpoint)
    expect(client.metadata).toEqual({})
    expect(await client.infer(observation(9))).toMatchObject({ seen, state_dtype: '<f4' })
  })

  test('is told what went wrong in the server, and goes on', async () => {
    for (const { url } of [await openpiServer(), await grootServer()]) {
      const client = await connect(url)
      await expect(client.infer({ explode: 'the arm is too short' }), url).rejects.toMatchObject({
        code: 'REQUEST_FAILED',
        message: expect.stringContaining('the arm is too short'),
      })
      expect(await client.infer(observation(9)), url).toMatchObject({ seen })
    }
  })

  test('needs the right key', async () => {
    for (const { url } of [await openpiServer(0, 'open sesame'), await grootServer('*', 'open sesame')]) {
      await expect(connect(url), url).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
      await expect(connect(url, { apiKey: 'open barley' }), url).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
      const client = await connect(url, { apiKey: 'open sesame' })
      expect(await client.infer(observation(9)), url).toMatchObject({ seen })
    }
  })

  test('gives up an answer after its time, and never takes it for the next', async () => {
    for (const { url } of [await openpiServer(), await grootServer()]) {
      const client = await connect(url)
      const slow = client.infer({ ...observation(1), sleep: 0.3 }, { timeoutS: 0.1 })
      await expect(slow, url).rejects.toMatchObject({ code: 'TIMEOUT' })
      const controller = new AbortController()
      const aborted = client.infer({ ...observation(2), sleep: 0.1 }, { signal: controller.signal })
      controller.abort('changed my mind')
      await expect(aborted, url).rejects.toBe('changed my mind')
      expect(await client.infer(observation(9)), url).toMatchObject({ seen })
    }
  })

  test('fails the call that a killed server had, and finds the one that comes in its place', async () => {
    const port = await freePort()
    const { server, url } = await openpiServer(port)
    const client = await connect(url)
    const lost = client.infer({ ...observation(1), sleep: 60 })
    const failure = expect(lost).rejects.toMatchObject({ code: 'DISCONNECTED' })
    await server.kill()
    await failure
    const patient = client.infer(observation(9), { timeoutS: 20 })
    await openpiServer(port)
    expect(await patient).toMatchObject({ seen })
  })

  test("finds GR00T's server again", async () => {
    const port = await freePort()
    const { server, url } = await grootServer(port)
    const client = await connect(url)
    await server.kill()
    await expect(client.infer(observation(1), { timeoutS: 0.2 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    const patient = client.infer(observation(9), { timeoutS: 20 })
    await grootServer(port)
    expect(await patient).toMatchObject({ seen })
  })

  test('waits for a server that is not up yet', async () => {
    const port = await freePort()
    const connecting = connect(`openpi://127.0.0.1:${port}`, { timeoutS: 20 })
    await openpiServer(port)
    const client = await connecting
    expect(await client.infer(observation(9))).toMatchObject({ seen })
  })

  test('closes with calls in flight', async () => {
    for (const { url } of [await openpiServer(), await grootServer()]) {
      const client = await connect(url)
      const calls = [client.infer({ ...observation(1), sleep: 5 }), client.infer(observation(2))]
      const settled = Promise.allSettled(calls)
      await client.close()
      expect(await settled, url).toMatchObject([{ reason: { code: 'CLOSED' } }, { reason: { code: 'CLOSED' } }])
      await expect(client.infer({}), url).rejects.toMatchObject({ code: 'CLOSED' })
    }
  })
})

test('what is too large for openpi comes back with a code, and the next call finds a new connection', async () => {
  const gateway = await serve(double, { openpi: { port: 0 }, maxPayloadBytes: 10_000 })
  const client = await connect(gateway.urls[0]!)
  const large = client.infer({ blob: new Uint8Array(10_001) })
  await expect(large).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
  expect(await client.infer(observation(9))).toMatchObject({ seen })
})

test('what cannot be encoded, or come back in time, is refused before it is sent', async () => {
  const gateway = await serve(double)
  for (const url of gateway.urls) {
    const client = await connect(url)
    await expect(client.infer({ a: [() => 1] }), url).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(client.infer({}, { timeoutS: 0 }), url).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(client.infer({}, { signal: AbortSignal.abort('no') }), url).rejects.toBe('no')
    expect(await client.infer(observation(9)), url).toMatchObject({ seen })
  }
  expect(gateway.health()).toMatchObject({ answered: 3, failed: 0 })
})

test.each(['openpi', 'groot', 'tcp'])('nobody at %s://: TIMEOUT', async (scheme) => {
  const port = await freePort()
  const nobody = PolicyClient.connect(`${scheme}://127.0.0.1:${port}`, { timeoutS: 0.2 })
  await expect(nobody).rejects.toMatchObject({ code: 'TIMEOUT' })
})

import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { double, observation, serve, urlOf } from './support/gateway.ts'
import { describeWithPython, PythonClient } from './support/python.ts'

const groot = { endpoint: 'tcp://127.0.0.1:0' }

describeWithPython("a client that speaks GR00T's dialect", () => {
  const start = (gateway: Parameters<typeof urlOf>[0]) =>
    PythonClient.start('groot', urlOf(gateway, 'groot').replace('groot:', 'tcp:'))

  test('finds all endpoints', async () => {
    const resets: unknown[] = []
    const gateway = await serve(double, {
      groot: { ...groot, modalityConfig: { state: { delta_indices: [0] } } },
      onReset: ({ options }) => void resets.push(options),
    })
    const client = await start(gateway)
    const request = (endpoint: string, data: unknown = null) => client.call('request', { endpoint, data })
    expect(await request('ping')).toEqual({ status: 'ok', message: 'Server is running' })
    expect(await request('get_modality_config')).toEqual({ state: { delta_indices: [0] } })
    const [action, info] = await request('get_action', { observation: observation(5), options: null })
    expect(action.actions.toNested()).toEqual([10, 4, 6])
    expect(action.actions.dtype.name).toBe('float32')
    expect(action.seen).toBe(double(observation(5))['seen'])
    expect(info).toEqual({})
    expect(await request('reset', { options: { seed: 7 } })).toEqual({ status: 'reset' })
    expect(resets).toEqual([{ seed: 7 }])
  })

  test('is told what is wrong, and served on', async () => {
    const gateway = await serve(
      (asked) => {
        if ('explode' in asked) throw new TypeError('the arm is too short')
        return double(asked)
      },
      { groot },
    )
    const client = await start(gateway)
    const request = (value: unknown) => client.call('request', value)
    const explode = { endpoint: 'get_action', data: { observation: { explode: true } } }
    expect(await request(explode)).toEqual({ error: 'TypeError: the arm is too short' })
    expect((await request({ endpoint: 'dance' })).error).toMatch('RmqError [UNSUPPORTED]: There is no endpoint "dance"')
    expect((await request({ endpoint: 'get_action' })).error).toMatch('RmqError [MALFORMED_MESSAGE]')
    expect((await request({ endpoint: 'kill' })).error).toMatch('RmqError [PERMISSION_DENIED]')
    for (const bytes of ['c1', 'dfffffffff', '80', '']) {
      const { error } = await client.call('raw', Buffer.from(bytes, 'hex'))
      expect(error, bytes).toMatch('RmqError [MALFORMED_MESSAGE]')
    }
    const [action] = await request({ endpoint: 'get_action', data: { observation: observation(1) } })
    expect(action.actions.toNested()).toEqual([2, 4, 6])
    expect(gateway.health()).toMatchObject({ answered: 1, failed: 1 })
  })

  test('needs the right token', async () => {
    const gateway = await serve(double, { groot: { ...groot, apiToken: 'open sesame' } })
    const client = await start(gateway)
    const refusal = { error: 'Unauthorized: Invalid API token' }
    expect(await client.call('request', { endpoint: 'ping' })).toEqual(refusal)
    expect(await client.call('request', { endpoint: 'ping', api_token: 'open barley' })).toEqual(refusal)
    expect(await client.call('request', { endpoint: 'ping', api_token: 'open sesame' })).toMatchObject({ status: 'ok' })
  })

  test('may end the gateway where that is allowed', async () => {
    const gateway = await serve(double, { groot: { ...groot, allowKill: true } })
    const client = await start(gateway)
    expect(await client.call('request', { endpoint: 'kill' })).toMatchObject({ status: 'ok' })
    await gateway.closed
    expect(gateway.health().state).toBe('closed')
  })
})

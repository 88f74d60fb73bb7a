import { RMQClient, robotmqCodec, serialize } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { PolicyGateway } from '../src/index.ts'
import { connect, double, freshIpc, gate, observation, serve, until, urlOf } from './support/gateway.ts'
import { describeWithPython, PythonClient } from './support/python.ts'

async function serveRobotmq(options = {}) {
  return serve(
    (asked) => {
      if ('explode' in asked) throw new TypeError('the arm is too short')
      return double(asked)
    },
    { robotmq: { endpoint: freshIpc() }, ...options },
  )
}

describeWithPython('the real robotmq client of Python', () => {
  test('gets its actions, the metadata, and what went wrong', async () => {
    const gateway = await serveRobotmq({ metadata: { policy: 'doubler' } })
    const client = await PythonClient.start('robotmq', urlOf(gateway, 'ipc'))
    expect(await client.call('metadata')).toEqual({ policy: 'doubler' })
    const { actions, seen } = await client.call('infer', observation(4))
    expect(actions.toNested()).toEqual([8, 4, 6])
    expect(actions.dtype.name).toBe('float32')
    expect(seen).toBe(double(observation(4))['seen'])
    await expect(client.call('infer', { explode: true })).rejects.toThrow('TypeError: the arm is too short')
    await expect(client.call('infer', [1])).rejects.toThrow('RmqError [MALFORMED_MESSAGE]')
    expect((await client.call('infer', observation(1))).actions.toNested()).toEqual([2, 4, 6])
  })
})

test('bytes that are no payload, and payloads over the limit, are refused with a code', async () => {
  const gateway = await serveRobotmq({ maxPayloadBytes: 5000 })
  const client = await RMQClient.connect('test', urlOf(gateway, 'ipc'))
  onTestFinished(() => client.close())
  const ask = (data: Uint8Array) => client.requestWithData('inference', data)
  await expect(ask(Uint8Array.of(1, 2, 3))).rejects.toThrow('RmqError [MALFORMED_MESSAGE]')
  await expect(ask(new Uint8Array(5001))).rejects.toThrow('RmqError [MESSAGE_TOO_LARGE]')
  const answer = await ask(serialize(observation(1)))
  expect((robotmqCodec.decode(answer) as { seen: string }).seen).toBe(double(observation(1))['seen'])
  expect(gateway.health().malformed).toBe(1)
})

test('clients without a name of their own, as all of Python, do not replace one another', async () => {
  const { opened, open } = gate()
  const gateway = await serve((asked) => opened.then(() => ({ n: asked['n'] })), {
    robotmq: { endpoint: freshIpc() },
    latestWins: true,
  })
  const ask = async (n: number) => {
    const client = await RMQClient.connect('robotmq', urlOf(gateway, 'ipc'))
    onTestFinished(() => client.close())
    return robotmqCodec.decode(await client.requestWithData('inference', serialize({ n })))
  }
  const answers = [1, 2, 3].map(ask)
  await until(() => gateway.health().waiting === 2)
  open()
  expect(await Promise.all(answers)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
})

test('a gateway listens everywhere or nowhere', async () => {
  const endpoint = freshIpc()
  const first = await serve(double, { openpi: { port: 0 } })
  const port = Number(first.urls[0]!.split(':').at(-1))
  await expect(PolicyGateway.serve(double, { robotmq: { endpoint }, openpi: { port } })).rejects.toMatchObject({
    code: 'ENDPOINT_IN_USE',
  })
  await serve(double, { robotmq: { endpoint } })
  const client = await connect(endpoint)
  expect((await client.infer(observation(1)))['seen']).toBe(double(observation(1))['seen'])
})

import { once } from 'node:events'
import { openpiCodec, type RmqError } from 'robotmq'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { PolicyGateway } from '../src/index.ts'
import { double, gate, observation, portOf, serve, until } from './support/gateway.ts'
import { describeWithPython, PythonClient } from './support/python.ts'

const openpi = { port: 0 }

/** A client without manners: frames as the test wants them, and what comes back. */
async function rawClient(gateway: PolicyGateway): Promise<{ socket: WebSocket; next(): Promise<Uint8Array | string> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${portOf(gateway, 'openpi')}`)
  const frames: (Buffer | string)[] = []
  socket.on('message', (data: Buffer, isBinary: boolean) => frames.push(isBinary ? data : data.toString()))
  const next = async () => {
    await until(() => frames.length > 0)
    return frames.shift()!
  }
  await next()
  return { socket, next }
}

describeWithPython('the real openpi-client', () => {
  const start = (gateway: PolicyGateway, ...key: string[]) =>
    PythonClient.start('openpi', '127.0.0.1', portOf(gateway, 'openpi'), ...key)

  test('is told the metadata, and gets actions as numpy arrays with the times that they took', async () => {
    const gateway = await serve(double, { openpi, metadata: { policy: 'doubler', horizon: 4 } })
    const client = await start(gateway)
    expect(await client.call('metadata')).toEqual({ policy: 'doubler', horizon: 4 })
    const { answer, dtypes } = await client.call('infer', observation(1))
    expect(dtypes).toEqual({ actions: '<f4' })
    expect(answer.actions.toNested()).toEqual([2, 4, 6])
    expect(answer.seen).toBe(double(observation(1))['seen'])
    expect(Object.keys(answer.server_timing)).toEqual(['infer_ms'])
    const { server_timing: timing } = (await client.call('infer', observation(2))).answer
    expect(timing.prev_total_ms).toBeGreaterThan(0)
    expect(timing.infer_ms).toBeGreaterThan(0)
    expect(gateway.health()).toMatchObject({ state: 'serving', answered: 2, failed: 0, malformed: 0 })
  })

  test('hears what the handler threw, and can ask again', async () => {
    const gateway = await serve(
      (asked) => {
        if ('explode' in asked) throw new TypeError('the arm is too short')
        return double(asked)
      },
      { openpi },
    )
    const client = await start(gateway)
    const failed = client.call('infer', { explode: true })
    await expect(failed).rejects.toThrow(
      /Error in inference server:\nTraceback \(most recent call last\):\n[\s\S]*TypeError: the arm is too short$/,
    )
    expect((await client.call('infer', observation(3))).answer.actions.toNested()).toEqual([6, 4, 6])
    expect(gateway.health()).toMatchObject({ answered: 1, failed: 1 })
  })

  test('needs the right key', async () => {
    const gateway = await serve(double, { openpi: { ...openpi, apiKey: 'open sesame' } })
    await expect(start(gateway)).rejects.toThrow('401')
    await expect(start(gateway, 'open barley')).rejects.toThrow('401')
    const client = await start(gateway, 'open sesame')
    expect((await client.call('infer', observation(1))).answer.actions.toNested()).toEqual([2, 4, 6])
  })

  test('may come in numbers: each gets its own actions', async () => {
    const gateway = await serve(double, { openpi })
    const client = await start(gateway)
    const answers = await client.call(
      'together',
      Array.from({ length: 8 }, (_, index) => observation(index)),
    )
    expect(answers.map(({ actions }: { actions: { at(index: number): number } }) => actions.at(0))).toEqual([
      0, 2, 4, 6, 8, 10, 12, 14,
    ])
  })
})

test('healthz tells whether the policy serves; anything else is told to use a WebSocket', async () => {
  const gateway = await serve(double, { openpi })
  const base = `http://127.0.0.1:${portOf(gateway, 'openpi')}`
  const healthz = await fetch(`${base}/healthz`)
  expect([healthz.status, await healthz.text()]).toEqual([200, 'OK\n'])
  expect((await fetch(`${base}/healthz`, { method: 'POST' })).status).toBe(405)
  expect((await fetch(base)).status).toBe(426)
})

test('a reset is told to the policy and answered', async () => {
  const resets: unknown[] = []
  const gateway = await serve(double, { openpi, onReset: (reset) => void resets.push(reset) })
  const { socket, next } = await rawClient(gateway)
  socket.send(openpiCodec.encode({ endpoint: 'reset' }))
  expect(openpiCodec.decode((await next()) as Uint8Array)).toEqual({ status: 'reset' })
  expect(resets).toEqual([{ front: 'openpi', client: 'openpi 1' }])
  socket.terminate()
})

test('frames that are no observations are told so, one answer each, and the next one is served', async () => {
  const gateway = await serve(double, { openpi })
  const { socket, next } = await rawClient(gateway)
  socket.send('{"state": 1}')
  socket.send(Buffer.of(0xc1))
  socket.send(Buffer.from('dfffffffff', 'hex'))
  socket.send(openpiCodec.encode([1, 2]))
  socket.send(Buffer.alloc(0))
  for (let frame = 0; frame < 5; frame++)
    expect(await next()).toMatch(/^Traceback[\s\S]*RmqError \[MALFORMED_MESSAGE\]: /)
  socket.send(openpiCodec.encode(observation(1)))
  expect((openpiCodec.decode((await next()) as Uint8Array) as { seen: string }).seen).toBe(
    double(observation(1))['seen'],
  )
  expect(gateway.health()).toMatchObject({ answered: 1, malformed: 5 })
  socket.terminate()
})

test('whatever bytes come, each frame gets one answer', async () => {
  const gateway = await serve(double, { openpi })
  const { socket, next } = await rawClient(gateway)
  const whole = openpiCodec.encode(observation(1))
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  for (let round = 0; round < 500; round++) {
    const frame = round % 2 === 0 ? Uint8Array.from(whole) : Uint8Array.from({ length: random(200) }, () => random(256))
    for (let change = 0; change < 3 && round % 2 === 0; change++) frame[random(200)] = random(256)
    socket.send(frame.subarray(0, random(4) === 0 ? random(frame.length) : frame.length))
    const answer = await next()
    expect(typeof answer === 'string' ? answer : openpiCodec.decode(answer)).toBeTruthy()
  }
  socket.send(whole)
  expect(openpiCodec.decode((await next()) as Uint8Array)).toMatchObject({ seen: double(observation(1))['seen'] })
  socket.terminate()
})

test('a frame over the limit ends its connection alone', async () => {
  const gateway = await serve(double, { openpi, maxPayloadBytes: 10_000 })
  const other = await rawClient(gateway)
  const { socket } = await rawClient(gateway)
  socket.send(Buffer.alloc(10_001))
  expect((await once(socket, 'close'))[0]).toBe(1009)
  other.socket.send(openpiCodec.encode(observation(1)))
  expect(typeof (await other.next())).toBe('object')
  other.socket.terminate()
})

test('answers come in the order of the frames, and a flood is read no further', async () => {
  const { opened, open } = gate()
  const gateway = await serve((asked) => opened.then(() => double(asked)), { openpi, maxWaiting: 4 })
  const { socket, next } = await rawClient(gateway)
  // Larger than what is read at once.
  const padding = new Uint8Array(200_000)
  for (let frame = 0; frame < 100; frame++) socket.send(openpiCodec.encode({ ...observation(frame), padding }))
  // 1 runs, 4 wait, and of the rest only as many are read as one client may have unanswered.
  await until(() => gateway.health().refused >= 11)
  expect(gateway.health()).toMatchObject({ running: 1, waiting: 4, refused: 11 })
  open()
  const first = Array.from({ length: 5 }, async (_, frame) => {
    const { actions } = openpiCodec.decode((await next()) as Uint8Array) as { actions: { at(index: number): number } }
    return [frame, actions.at(0)]
  })
  for (const answer of first) {
    const [frame, action] = await answer
    expect(action).toBe(2 * frame!)
  }
  expect(await next()).toMatch('RmqError [QUEUE_FULL]')
  socket.terminate()
})

test('when the client leaves, its observation is given up', async () => {
  const reasons: unknown[] = []
  const gateway = await serve(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push((signal.reason as RmqError).code)
          reject(signal.reason)
        })
      }),
    { openpi },
  )
  const { socket } = await rawClient(gateway)
  socket.send(openpiCodec.encode(observation(1)))
  await until(() => gateway.health().running === 1)
  socket.terminate()
  await until(() => gateway.health().running === 0)
  expect(reasons).toEqual(['DISCONNECTED'])
  expect(gateway.health()).toMatchObject({ abandoned: 1, failed: 0 })
})

test('clients beyond the limit are refused', async () => {
  const gateway = await serve(double, { openpi: { ...openpi, maxConnections: 1 } })
  const { socket } = await rawClient(gateway)
  const second = new WebSocket(`ws://127.0.0.1:${portOf(gateway, 'openpi')}`)
  const [error] = await once(second, 'error')
  expect((error as Error).message).toMatch('503')
  socket.terminate()
})

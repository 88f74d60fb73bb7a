import { type Message, poll, RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'
import { NumberedPuts, numberOf } from './support/numbered.ts'

const logLevel = RMQLogLevel.OFF

async function serve(endpoint: string): Promise<RMQServer> {
  const server = await RMQServer.bind('server', endpoint, { logLevel })
  onTestFinished(() => server.close())
  return server
}

async function connect(endpoint: string): Promise<RMQClient> {
  const client = await RMQClient.connect('client', endpoint, { logLevel })
  onTestFinished(() => client.close())
  return client
}

test('topics in shared memory and over the network are read side by side, through a restart of a server', async () => {
  const [ipc, tcp] = [await freshEndpoint('ipc'), await freshEndpoint('tcp')]
  const start = async () => {
    const server = await serve(ipc)
    server.addSharedMemoryTopic('camera', { messageRemainingTimeS: 60, capacityBytes: 2 ** 22 })
    return server
  }
  const [first, far] = [await start(), await serve(tcp)]
  far.addTopic('joints', { messageRemainingTimeS: 60 })
  const [cameras, arm] = [await connect(ipc), await connect(tcp)]
  const camera = cameras.subscribe('camera', { from: 'new' })
  const joints = arm.subscribe('joints', { from: 'new' })
  await Promise.all([camera.ready, joints.ready])
  expect((await cameras.describe('camera')).access).toBe('attached')

  const puts = { camera: new NumberedPuts(first, 'camera', 500), joints: new NumberedPuts(far, 'joints', 2000) }
  const seen = { camera: [] as number[], joints: [] as number[] }
  let restarted: Message | undefined
  let before = 0
  for await (const [from, message] of poll({ camera, joints })) {
    seen[from].push(numberOf(message))
    if (before === 0 && seen.camera.length > 200) {
      before = puts.camera.stop()
      void first.close().then(async () => {
        puts.camera = new NumberedPuts(await start(), 'camera', 500)
      })
    }
    if (before > 0 && from === 'camera' && seen.camera.length === before + 1) restarted = message
    if (restarted !== undefined && seen.camera.length > before + 100) break
  }
  // Nothing is missing of either, and the one that went on meanwhile was not held up.
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
  expect(seen.camera.slice(0, before)).toEqual(upTo(before))
  expect(seen.camera.slice(before)).toEqual(upTo(seen.camera.length - before))
  expect(seen.joints).toEqual(upTo(seen.joints.length))
  expect(seen.joints.length).toBeGreaterThan(1000)
  expect(restarted!.lostBefore).toBe(0)
  expect((await camera.next()).done).toBe(true)
})

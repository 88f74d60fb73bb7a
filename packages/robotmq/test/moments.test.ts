import { type Message, RMQClient, RMQLogLevel, RMQServer, type StaleEvent, steadyClockUs } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'
import { until } from './support/until.ts'

const logLevel = RMQLogLevel.OFF
const nowS = () => steadyClockUs() / 1e6

/** A camera in shared memory, joints on the heap, and a client that attaches what it can. */
async function robot() {
  const server = await RMQServer.bind('robot', await freshEndpoint('ipc'), { logLevel })
  onTestFinished(() => server.close())
  server.addSharedMemoryTopic('camera', { messageRemainingTimeS: 60, capacityBytes: 8 * 2 ** 20 })
  server.addTopic('joints', { messageRemainingTimeS: 60 })
  const client = await RMQClient.connect('controller', server.endpoints[0]!, { logLevel })
  onTestFinished(() => client.close())
  expect((await client.describe('camera')).access).toBe('attached')
  return { server, client }
}

test('attached and remote topics are aligned together', async () => {
  const { server, client } = await robot()
  const startS = nowS() - 10
  for (let frame = 0; frame < 5; frame++) {
    server.putData('camera', new Uint8Array(900_000).fill(frame), { captureTimeS: startS + frame * 0.1 })
  }
  for (let tick = 0; tick < 400; tick++) {
    server.putData('joints', Uint8Array.of(tick & 255, tick >> 8), { captureTimeS: startS + tick * 0.001 })
  }
  const [camera, joints] = await client.peekAligned(['camera', 'joints'], { toleranceS: 0.005 })
  const tickOf = ({ data }: Message) => data[0]! + 256 * data[1]!
  expect([camera.topic, camera.data.byteLength, camera.data[0], tickOf(joints)]).toEqual(['camera', 900_000, 4, 399])
  const at = await client.peekAligned(['joints', 'camera'], { toleranceS: 0.0501, timeS: startS + 0.249 })
  expect([tickOf(at[0]), at[1].data[0]]).toEqual([249, 2])
  expect(at.every((message) => message.ageS() >= 0 && message.ageS() < 60)).toBe(true)
  expect(client.getLastRetrievedData()).toEqual(at)
})

test('while others write and pop, what is aligned is whole and of one moment', async () => {
  const { server, client } = await robot()
  const put = (value: number) => {
    const captureTimeS = nowS()
    server.putData('camera', new Uint8Array(600_000).fill(value), { captureTimeS })
    server.putData('joints', Uint8Array.of(value), { captureTimeS })
  }
  put(0)
  let aligned = 0
  for (let value = 1; value <= 150; value++) {
    const reading = client.peekAligned(['camera', 'joints'], { toleranceS: 0.0001 })
    put(value & 255)
    if (value % 10 === 0) await client.popData('camera', 1)
    const [camera, joints] = await reading
    expect(camera.captureTimeS).toBe(joints.captureTimeS)
    expect([camera.data[0], camera.data.at(-1)]).toEqual([joints.data[0], joints.data[0]])
    aligned += 1
  }
  expect(aligned).toBe(150)
})

test('a loan carries its capture time to whoever reads it', async () => {
  const { server, client } = await robot()
  const captureTimeS = nowS() - 0.125
  const loan = server.loan('camera', 8)
  loan.bytes.fill(7)
  loan.commit({ captureTimeS })
  expect((await client.peekAt('camera', captureTimeS))?.captureTimeS).toBeCloseTo(captureTimeS, 6)
  const message = client.view('camera')
  expect(message?.captureTimeS).toBeCloseTo(captureTimeS, 6)
  message?.release()
  for await (const record of client.subscribe('camera')) {
    expect(record.captureTimeS).toBeCloseTo(captureTimeS, 6)
    break
  }
})

test("an attached topic tells the server's clock exactly", async () => {
  const { server, client } = await robot()
  const { offsetS, hostOffsetS, errorS, roundTripS } = client.clock()
  expect([hostOffsetS, roundTripS]).toEqual([0, 0])
  expect(errorS).toBeLessThan(1e-5)
  const before = server.getTimestamp()
  const told = nowS() + offsetS
  expect(told).toBeGreaterThanOrEqual(before - errorS)
  expect(told).toBeLessThanOrEqual(server.getTimestamp() + errorS)
})

test('an attached topic that falls silent is told, also when its server is gone', async () => {
  const { server, client } = await robot()
  const events: StaleEvent[] = []
  client.onStale('camera', 0.3, (event) => events.push(event))
  await until(() => events.length === 1)
  await until(() => {
    server.putData('camera', new Uint8Array(500_000))
    return events.length > 1
  })
  await server.close()
  await until(() => events.at(-1)!.stale)
  expect(events.at(-1)!.silentS).toBeGreaterThanOrEqual(0.3)
})

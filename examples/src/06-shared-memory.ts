// A camera writes its frames straight into shared memory; a viewer is woken for each and looks at it in place.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RMQClient, RMQServer, steadyClockUs } from 'robotmq'

const FRAME_BYTES = 480 * 640 * 3

await using server = await RMQServer.bind('camera', `ipc://${join(tmpdir(), `rmq-example-${process.pid}`)}`)
server.addSharedMemoryTopic('camera', { messageRemainingTimeS: 5, capacityBytes: 16 * FRAME_BYTES })
await using client = await RMQClient.connect('viewer', server.endpoints[0] as string)
console.log(`the viewer's way to the topic: ${(await client.describe('camera')).access}`)

const frames = client.subscribe('camera', { from: 'new', inPlace: true })
await frames.ready

for (let frameId = 1; frameId <= 3; frameId++) {
  // The sensor writes here; nobody sees it before commit.
  const loan = server.loan('camera', FRAME_BYTES)
  loan.bytes.fill(frameId)
  loan.commit({ captureTimeS: steadyClockUs() / 1e6 })
}

for await (const frame of frames) {
  // Valid until the next step; copy what must stay.
  console.log(
    `frame ${frame.sequence}: ${frame.data.length} bytes of ${frame.data[0]}, ${frame.lostBefore} lost before`,
  )
  if (frame.sequence === 3) break
}

{
  using newest = client.view('camera')
  console.log(`the newest, looked at again: ${newest?.data.at(-1)}`)
}

const mine = new Uint8Array(FRAME_BYTES) // used again and again: fresh memory costs more than the copy
const [copy] = await client.peekData('camera', 1, { into: mine })
console.log(`the oldest, copied: ${copy?.data[0]}`)

// A camera publishes frames at 30 Hz; a controller always acts on the newest one.
import { setTimeout as delay } from 'node:timers/promises'
import { deserialize, NDArray, RMQClient, RMQServer, serialize } from 'robotmq'

const [HEIGHT, WIDTH] = [480, 640]

interface Frame {
  readonly frameId: number
  readonly image: NDArray<'uint8'>
}

await using server = await RMQServer.bind('camera', 'tcp://127.0.0.1:0')
server.addTopic('camera', { messageRemainingTimeS: 10 })
await using client = await RMQClient.connect('controller', server.endpoints[0] as string)

/** A grey picture with a red dot that moves to the right. */
function takePicture(frameId: number): NDArray<'uint8'> {
  const rgb = new Uint8Array(HEIGHT * WIDTH * 3).fill(128)
  rgb.set([255, 0, 0], (240 * WIDTH + 20 * frameId) * 3)
  return NDArray.fromBytes(rgb, 'uint8', [HEIGHT, WIDTH, 3])
}

async function film(frames: number): Promise<void> {
  for (let frameId = 1; frameId <= frames; frameId++) {
    server.putData('camera', serialize({ frameId, image: takePicture(frameId) }))
    await delay(1000 / 30)
  }
}

async function control(): Promise<void> {
  for (let seen = 0; seen < 20; ) {
    const [message] = await client.peekData('camera', -1)
    const frame = message && (deserialize(message.data) as Frame)
    if (frame !== undefined && frame.frameId > seen) {
      // A window on the row with the dot: no pixel is copied.
      const red = frame.image.slice(240, null, 0)
      const dot = Array.from({ length: WIDTH }, (_, x) => red.at(x)).indexOf(255)
      if (seen === 0) console.log(`frames are ${frame.image.dtype.name} [${frame.image.shape.join(', ')}]`)
      seen = frame.frameId
      if (seen === 20) console.log(`frame ${seen}: the dot is at x = ${dot}`)
    }
    await delay(5)
  }
}

await Promise.all([film(20), control()])

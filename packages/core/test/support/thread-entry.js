import { heapHome, inProcessTransport } from '@rmq/core'
import { runServerThread } from '@rmq/core/thread'

/** `die://now` ends the thread, as a fault in a wire would. */
const dying = {
  schemes: ['die'],
  async listen(endpoint) {
    setImmediate(() => {
      throw new Error('the thread was told to die')
    })
    return { endpoint, close: async () => {} }
  },
}

/** `race://TOPIC/COUNT` puts COUNT records as a client would, one per turn of the loop; done when the listener is there. */
const racing = {
  schemes: ['race'],
  async listen(endpoint, host) {
    const [topic, count] = endpoint.slice('race://'.length).split('/')
    const session = host.open({ client: 'racer', sameHost: true })
    for (let number = 1; number <= Number(count); number++) {
      const data = new Uint8Array(8)
      data[0] = 1
      new DataView(data.buffer).setUint32(4, number)
      await session.execute({ op: 'put', topic, data })
      if (number % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    return { endpoint, close: async () => {} }
  },
}

runServerThread({ homes: (heap) => [heapHome(heap)], transports: [inProcessTransport(), dying, racing] })

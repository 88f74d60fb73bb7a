// A server with the topics `t` and `r` in a process of its own, which obeys lines on stdin and tells what it did.
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { RMQServer, steadyClockUs } from '@rmq/core'
import { zmqEngine } from '@rmq/zmq'

const server = await RMQServer.bind('time', process.argv[2], { engine: zmqEngine(), logLevel: 6 })
for (const topic of ['t', 'r']) server.addTopic(topic, { messageRemainingTimeS: 60 })
const run = []
server.onRequest('r', (request, { deadlineTimeS }) => {
  run.push([request[0], deadlineTimeS === undefined ? null : deadlineTimeS - steadyClockUs() / 1e6])
  return request.data
})
const orders = {
  put: ([agoS]) => {
    const captureTimeS = steadyClockUs() / 1e6 - Number(agoS)
    server.putData('t', new Uint8Array(8), { captureTimeS })
    return captureTimeS
  },
  run: () => run,
  /** Does nothing else until the file is there. */
  busy: ([file]) => {
    console.log('"busy"')
    const never = new Int32Array(new SharedArrayBuffer(4))
    while (!existsSync(file)) Atomics.wait(never, 0, 0, 5)
    return 'free'
  },
}
console.log(JSON.stringify(server.endpoints[0]))
for await (const line of createInterface({ input: process.stdin })) {
  const [order, ...rest] = line.split(' ')
  console.log(JSON.stringify(orders[order](rest)))
}
await server.close()

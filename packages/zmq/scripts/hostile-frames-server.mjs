// The server of hostile-frames.mjs. Says its endpoint; says its counters when it is told anything; ends with its stdin.
import { createInterface } from 'node:readline'
import { heapHome, LocalEngine, RMQServer } from '@rmq/core'
import { zmqTransport } from '@rmq/zmq'

const engine = new LocalEngine({ homes: [heapHome()], transports: [zmqTransport()] })
const server = await RMQServer.bind('hostile', ['tcp://127.0.0.1:0'], { engine, logLevel: 6 })
for (const topic of ['t', 'joints', 'ask']) {
  server.addTopic(topic, { messageRemainingTimeS: 1, maxRecords: 1000, maxBytes: 4 * 2 ** 20 })
}
server.onRequest('ask', ({ data }) => data)
console.log(server.endpoints[0])
for await (const _line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await server.counters()))
process.exit(0)

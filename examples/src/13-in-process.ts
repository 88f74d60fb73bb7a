// The parts of one program: the same topics, requests and subscriptions, without sockets, threads or files.
import { heapHome, inProcessTransport, LocalEngine, RMQClient, RMQServer } from '@rmq/core'
import { deserialize, serialize } from 'robotmq'

// Who shares this object meets on its names. Nobody else does: no other program, no other test.
const transports = [inProcessTransport()]

const engine = new LocalEngine({ homes: [heapHome()], transports })
const server = await RMQServer.bind('perception', 'inproc://perception', { engine })
server.addTopic('grasps', { messageRemainingTimeS: 1 })
server.addTopic('describe', { messageRemainingTimeS: 1 })
server.onRequest('describe', (request) => serialize({ text: `a ${deserialize(request)}, upright` }))

// A part may begin before the one that it needs: connect waits for it, as over a network.
const client = await RMQClient.connect('control', 'inproc://perception', { transports })
const grasps = client.subscribe('grasps', { from: 'new' })
await grasps.ready

server.putData('grasps', serialize({ object: 'cup', width: 0.08 }))
for await (const { data, sequence } of grasps) {
  const { object, width } = deserialize(data) as { object: string; width: number }
  console.log(`grasp ${sequence}: ${object}, ${width} m`)
  const answer = await client.requestWithData('describe', serialize(object))
  console.log('it is', (deserialize(answer) as { text: string }).text)
  break
}

await client.close()
await server.close()

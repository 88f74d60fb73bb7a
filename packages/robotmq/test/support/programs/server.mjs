// A server: topics `t` and `r`. Requests on `r` say how long to wait (seconds, one byte) before their bytes come back.
import { RMQLogLevel, RMQServer } from 'robotmq'

const server = await RMQServer.bind('program', process.argv.slice(2), { logLevel: RMQLogLevel.OFF })
server.addTopic('t', { messageRemainingTimeS: 600 })
server.addTopic('r', { messageRemainingTimeS: 600 })
server.addTopic('busy', { messageRemainingTimeS: 600 })
server.onRequest('r', async (request, { signal }) => {
  console.log(`request ${request[0]}`)
  signal.addEventListener('abort', () => console.log('aborted'))
  await new Promise((resolve) => setTimeout(resolve, request[0] * 1000))
  return request
})
server.onRequest('busy', (request) => {
  console.log('computing')
  const end = performance.now() + request[0] * 1000
  while (performance.now() < end);
  return request
})
server.putData('t', new Uint8Array(64))
for (const endpoint of server.endpoints) console.log(`listening ${endpoint}`)

// A server of the shared memory topic `t`. Puts numbered records until it is told to stop (argument 2: how many, then it
// ends in the way that argument 3 names: wait, close, exit, throw). Argument 4: options of the topic as JSON.
import { RMQLogLevel, RMQServer } from 'robotmq'

const [endpoint, puts = '0', end = 'wait', options = '{}'] = process.argv.slice(2)
const server = await RMQServer.bind('program', endpoint, { logLevel: RMQLogLevel.OFF })
server.addSharedMemoryTopic('t', { messageRemainingTimeS: 600, capacityBytes: 2 ** 20, ...JSON.parse(options) })
console.log(`listening ${server.endpoints[0]}`)

const record = new Uint8Array(1000)
let count = 0
function put() {
  count += 1
  record.fill(count & 255)
  new DataView(record.buffer).setUint32(0, count, true)
  server.putData('t', record)
}
if (puts === 'forever') {
  const burst = () => {
    for (let index = 0; index < 10; index++) put()
    setImmediate(burst)
  }
  burst()
} else {
  while (count < Number(puts)) put()
}
console.log(`put ${count}`)
if (end === 'close') await server.close()
if (end === 'exit') process.exit(3)
if (end === 'throw') throw new Error('as a program of yours may')
if (end === 'loan') {
  const { bytes } = server.loan('t', 500_000)
  bytes.fill(255)
  console.log('in the middle of a put')
}

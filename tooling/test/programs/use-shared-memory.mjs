// Copied into an empty project: a topic and a queue of the installed packages, in shared memory.
import { readFileSync } from 'node:fs'
import { RMQClient, RMQServer, SharedQueue } from 'robotmq'

const [endpoint, queueName, topicOptions = '{}'] = process.argv.slice(2)
const server = await RMQServer.bind('packed', endpoint)
const client = await RMQClient.connect('reader', endpoint, { timeoutS: 30 })
try {
  server.addTopic('heap', { messageRemainingTimeS: 60 })
  server.putData('heap', Uint8Array.of(9))
  const [ofHeap] = await client.peekData('heap', -1)
  console.log('heap', ofHeap.data.join())

  const options = { messageRemainingTimeS: 60, capacityBytes: 1e6, ...JSON.parse(topicOptions) }
  server.addSharedMemoryTopic('shared', options)
  server.putData('shared', Uint8Array.of(1, 2, 3))
  const [copy] = await client.peekData('shared', -1)
  const view = client.view('shared')
  console.log('topic', copy.data.join(), view.data.join())
  view.release()

  const queue = SharedQueue.create(queueName, { capacity: 4, maxItemBytes: 64, unlinkWhenLast: true })
  const other = await SharedQueue.open(queueName)
  await queue.put(Uint8Array.of(4))
  queue.putSync(Uint8Array.of(5))
  console.log('queue', other.getSync().join(), (await other.get()).join())
  other.close()
  queue.close()
  const [addon] = /[\w-]+\/[\w-]+\/rmq_shm\S*$/m.exec(readFileSync('/proc/self/maps', 'latin1'))
  console.log('addon', addon)
} catch (error) {
  console.log(error.code, error.message)
}
await client.close()
await server.close()

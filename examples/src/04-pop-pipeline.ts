// Jobs wait in a topic until one of two workers takes them out: each job is done by exactly one.
import { deserialize, RMQClient, RMQServer, serialize } from 'robotmq'

const JOBS = 12

await using server = await RMQServer.bind('pipeline', 'tcp://127.0.0.1:0')
const endpoint = server.endpoints[0] as string
// Jobs are kept for as long as it takes. No more than 1000 may wait: the oldest would go, and be counted.
server.addTopic('jobs', { messageRemainingTimeS: Number.POSITIVE_INFINITY, maxRecords: 1000 })
server.addTopic('results', { messageRemainingTimeS: 60 })

await using producer = await RMQClient.connect('producer', endpoint)
for (let job = 1; job <= JOBS; job++) await producer.putData('jobs', serialize({ job }))

async function work(worker: RMQClient): Promise<number> {
  for (let done = 0; ; done++) {
    // Takes out the oldest. A pop that is sent again after a lost connection does not take another one.
    const [message] = await worker.popData('jobs', 1)
    if (message === undefined) return done
    const { job } = deserialize(message.data) as { job: number }
    await worker.putData('results', serialize({ job, square: job * job }))
  }
}

await using worker1 = await RMQClient.connect('worker-1', endpoint)
await using worker2 = await RMQClient.connect('worker-2', endpoint)
const done = await Promise.all([work(worker1), work(worker2)])
console.log(
  'both workers did some:',
  done.every((count) => count > 0),
)

const results = (await producer.popData('results', 0)).map(
  ({ data }) => deserialize(data) as { job: number; square: number },
)
results.sort((a, b) => a.job - b.job)
console.log(results.map(({ job, square }) => `${job}²=${square}`).join(' '))
console.log('left over:', await producer.getTopicStatus('jobs'))

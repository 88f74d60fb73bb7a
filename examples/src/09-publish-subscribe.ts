// An arm publishes. A logger gets every record, a display only the newest there is when it looks.
import { deserialize, type Message, RMQClient, RMQServer, serialize } from 'robotmq'

await using server = await RMQServer.bind('arm', 'tcp://127.0.0.1:0')
server.addTopic('joints', { messageRemainingTimeS: 10 })
const publish = (step: number) => server.putData('joints', serialize({ step }))
const stepOf = ({ data }: Message) => (deserialize(data) as { step: number }).step

publish(1)
publish(2)

await using client = await RMQClient.connect('station', server.endpoints[0] as string)
// Who comes late misses nothing that the topic still has.
const logger = client.subscribe('joints', { from: 'oldest' })
const display = client.subscribe('joints', { policy: 'latest' })
await Promise.all([logger.ready, display.ready])
for (let step = 3; step <= 6; step++) publish(step)

let last: Message | undefined
for await (const message of logger) {
  console.log(`logger: step ${stepOf(message)}, ${message.lostBefore} lost before it`)
  last = message
  if (stepOf(message) === 4) break
}

// It goes on where it stopped: later, in another process, or after a lost connection (that by itself).
for await (const message of client.subscribe('joints', { from: { after: last as Message } })) {
  console.log(`logger again: step ${stepOf(message)}`)
  if (stepOf(message) === 6) break
}

for await (const message of display) if (stepOf(message) === 6) break
// It began with step 2, the newest then. Every record since is accounted for.
const { received, skipped, lost } = display.counts
console.log(`display: is at step 6; seen or left out ${received + skipped}, lost ${lost}`)

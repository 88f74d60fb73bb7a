// A client that reads the newest record of a topic for ever.
import { RMQClient, RMQLogLevel } from 'robotmq'

const [endpoint, topic] = process.argv.slice(2)
const client = await RMQClient.connect('program', endpoint, { logLevel: RMQLogLevel.OFF })
for (let count = 0; ; count++) {
  await client.peekData(topic, -1)
  if (count === 20) console.log('reading')
}

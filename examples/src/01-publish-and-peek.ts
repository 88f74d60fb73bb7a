// An arm publishes its joint states; another program looks at the newest, and at the last three.
import { deserialize, RMQClient, RMQServer, serialize } from 'robotmq'

const endpoint = `ipc:///tmp/rmq-example-01-${process.pid}`

// The arm. Records stay readable for 10 seconds.
const server = await RMQServer.bind('arm', endpoint)
server.addTopic('joint_states', { messageRemainingTimeS: 10 })

// Who watches it: usually another process, on the same machine or, with tcp://, on another one.
const client = await RMQClient.connect('watcher', endpoint)

try {
  for (let step = 1; step <= 5; step++) {
    server.putData('joint_states', serialize({ step, positions: [0.1 * step, -0.2 * step] }))
  }

  // n < 0 is the newest |n|, n > 0 the oldest n, 0 all. Peeking leaves them there.
  const [newest] = await client.peekData('joint_states', -1)
  console.log(`newest: #${newest?.sequence}`, newest && deserialize(newest.data))

  const lastThree = await client.peekData('joint_states', -3)
  console.log('last three:', lastThree.map(({ sequence }) => `#${sequence}`).join(' '))

  console.log('records in the topic:', await client.getTopicStatus('joint_states'))
} finally {
  // In TypeScript, and in JavaScript from Node 24 on, `await using client = …` does this by itself.
  await client.close()
  await server.close()
}

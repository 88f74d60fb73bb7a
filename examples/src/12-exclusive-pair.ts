// Two peers that talk with each other and with nobody else: a third is refused, until one of them has gone.
import { deserialize, RMQClient, RMQServer, RmqError, serialize } from 'robotmq'

await using station = await RMQServer.bind('station', 'tcp://127.0.0.1:0', { maxClients: 1 })
station.addTopic('to-arm', { messageRemainingTimeS: 10 })
station.addTopic('to-station', { messageRemainingTimeS: 10 })
const endpoint = station.endpoints[0] as string

const arm = await RMQClient.connect('arm', endpoint)
const commands = arm.subscribe('to-arm', { from: 'oldest' })

station.putData('to-arm', serialize({ command: 'open the gripper' }))
for await (const { data } of commands) {
  const { command } = deserialize(data) as { command: string }
  console.log(`the arm is told: ${command}`)
  await arm.putData('to-station', serialize({ done: command }))
  break
}
for (const { data } of await station.popData('to-station', 0)) console.log('the arm answers:', deserialize(data))

await RMQClient.connect('stranger', endpoint).catch((error) => {
  if (RmqError.isInstance(error)) console.log(`a stranger is refused: ${error.code}`)
})

await arm.close()
// The place is free once the station has seen the arm go. (Who may take it at all, keys can say: the security options.)
for (;;) {
  try {
    await using next = await RMQClient.connect('next-arm', endpoint)
    console.log(`then ${next.name} takes its place`)
    break
  } catch (error) {
    if (!RmqError.isInstance(error) || error.code !== 'NO_SPACE') throw error
  }
}

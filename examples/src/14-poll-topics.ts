// A controller reads the topics of two servers at once, as they come in, and notices when nothing does.
import { poll, RMQClient, RMQServer, serialize } from 'robotmq'

await using arm = await RMQServer.bind('arm', 'tcp://127.0.0.1:0')
arm.addTopic('joints', { messageRemainingTimeS: 10 })
await using cameras = await RMQServer.bind('cameras', 'tcp://127.0.0.1:0')
cameras.addTopic('wrist', { messageRemainingTimeS: 10 })
cameras.addTopic('scene', { messageRemainingTimeS: 10 })

await using toArm = await RMQClient.connect('controller', arm.endpoints[0] as string)
await using toCameras = await RMQClient.connect('controller', cameras.endpoints[0] as string)

// Each under a name of yours. They take turns: a fast topic does not hold up the others.
await using poller = poll({
  joints: toArm.subscribe('joints', { from: 'oldest' }),
  wrist: toCameras.subscribe('wrist', { from: 'oldest', policy: 'latest' }),
  scene: toCameras.subscribe('scene', { from: 'oldest', policy: 'latest' }),
})

cameras.putData('scene', serialize({ frame: 7 }))
const first = await poller.receive({ timeoutS: 5 })
console.log(`first comes ${first?.[0]}`)

for (let step = 1; step <= 3; step++) arm.putData('joints', serialize({ step }))
cameras.putData('wrist', serialize({ frame: 8 }))

const seen = { joints: 0, wrist: 0, scene: 0 }
for await (const [name] of poller) {
  seen[name] += 1
  if (seen.joints === 3 && seen.wrist === 1) break
}
console.log('then', seen)

await using joints = poll({ joints: toArm.subscribe('joints', { from: 'new' }) })
const late = await joints.receive({ timeoutS: 0.05 })
console.log(late === undefined ? 'nothing for 50 ms: the arm holds its position' : 'the arm moves')

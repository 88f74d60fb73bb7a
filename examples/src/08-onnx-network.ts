// A network in ONNX answers observations: NDArrays go into onnxruntime and come out of it on the same memory.
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { deserialize, fromTensor, NDArray, RMQClient, RMQServer, serialize, toTensor } from 'robotmq'

// It walks a Unitree Go2: 45 numbers about the body and its joints become targets for 12 joints.
const file = fileURLToPath(import.meta.resolve('@rmq/app-policy/go2.onnx'))
const network = await InferenceSession.create(file, { executionProviders: ['cpu'], intraOpNumThreads: 1 })

const server = await RMQServer.bind('policy', 'tcp://127.0.0.1:0')
server.addTopic('inference', { messageRemainingTimeS: 1 })
server.onRequest('inference', async ({ data }) => {
  const { state } = deserialize(data) as { state: NDArray<'float32'> }
  const { type, data: numbers, dims } = toTensor(state.reshape(1, 45))
  const { actions } = await network.run({ obs: new Tensor(type, numbers, dims) })
  return serialize({ actions: fromTensor(actions!) })
})

const client = await RMQClient.connect('robot', server.endpoints[0]!)
// It stands: gravity points down, and everything else is at rest.
const state = NDArray.zeros([45], 'float32')
state.set([5], -1)
for (const forward of [0, 1]) {
  // The speed it is told to walk at, in meters a second.
  state.set([6], forward)
  const reply = await client.requestWithData('inference', serialize({ state }))
  const { actions } = deserialize(reply) as { actions: NDArray<'float32'> }
  const leg = [...actions.data.subarray(0, 3)].map((angle) => angle.toFixed(2))
  console.log(
    `at ${forward} m/s: ${actions.dtype.name} [${actions.shape.join(', ')}], front right leg ${leg.join(' ')}`,
  )
}

await client.close()
await server.close()
await network.release()

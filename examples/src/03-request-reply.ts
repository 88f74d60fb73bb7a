// A policy answers observations with actions.
import { deserialize, NDArray, RMQClient, RMQServer, RmqError, serialize } from 'robotmq'

interface Observation {
  readonly joints: NDArray<'float64'>
}

const server = await RMQServer.bind('policy', 'tcp://127.0.0.1:0')
server.addTopic('inference', { messageRemainingTimeS: 10 })
server.onRequest('inference', async ({ data, clientName }) => {
  const { joints } = deserialize(data) as Observation
  if (joints.size !== 3) throw new Error(`this policy drives 3 joints, not ${joints.size}`)
  const targets = NDArray.from([...joints.data].map((position) => position / 2))
  return serialize({ targets, for: clientName })
})

const client = await RMQClient.connect('robot-1', server.endpoints[0] as string)

/** Is answered within a second or sent again: the handler runs at most once however often that happens. */
async function act(joints: readonly number[]): Promise<unknown> {
  const observation = serialize({ joints: NDArray.from(joints) })
  return deserialize(await client.requestWithData('inference', observation, { timeoutS: 1 }))
}

try {
  const { targets, for: clientName } = (await act([1, 2, 3])) as { targets: NDArray; for: string }
  console.log(`targets for ${clientName}:`, targets.toNested())

  // Many may be in flight at once.
  const many = (await Promise.all([1, 2, 3, 4].map((x) => act([x, x, x])))) as { targets: NDArray }[]
  console.log('four at once:', many.map(({ targets }) => targets.at(0)).join(' '))

  // What the handler throws reaches the caller.
  await act([1]).catch((error) => {
    if (RmqError.isInstance(error)) console.log(`${error.code}: ${error.message}`)
  })
} finally {
  await client.close()
  await server.close()
}

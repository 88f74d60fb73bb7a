// A planner has several requests of several clients in its hands, and answers them in an order of its own.
import { deserialize, type IncomingRequest, RMQClient, RMQServer, serialize } from 'robotmq'

await using server = await RMQServer.bind('planner', 'tcp://127.0.0.1:0')
server.addTopic('plan', { messageRemainingTimeS: 10 })

const answered: string[] = []

async function ask(name: string): Promise<void> {
  await using client = await RMQClient.connect(name, server.endpoints[0] as string)
  const order: number[] = []
  // All three are on their way at once; each has its own time, its own signal, and finds its own answer.
  const asked = [1, 2, 3].map(async (goal) => {
    const answer = await client.requestWithData('plan', serialize({ goal }), { timeoutS: 5 })
    order.push((deserialize(answer) as { goal: number }).goal)
  })
  await Promise.all(asked)
  answered.push(`${name} was answered in the order ${order.join(', ')}`)
}

async function plan(): Promise<void> {
  const requests: IncomingRequest[] = []
  while (requests.length < 6) {
    const request = await server.waitForRequest(5)
    if (request === undefined) throw new Error('nobody asked for 5 s')
    requests.push(request)
  }
  const names = new Set(requests.map(({ clientName }) => clientName))
  console.log(`the planner has ${requests.length} requests of ${[...names].sort().join(' and ')}`)
  // The hardest first. Which client an answer goes to, the request knows.
  const goalOf = (request: IncomingRequest) => (deserialize(request) as { goal: number }).goal
  for (const request of requests.sort((a, b) => goalOf(b) - goalOf(a))) server.replyRequest(request, request)
}

await Promise.all([plan(), ask('left-arm'), ask('right-arm')])
console.log(answered.sort().join('\n'))

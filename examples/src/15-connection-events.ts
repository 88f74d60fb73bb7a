// What a client tells of its connection while its server ends and comes back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RMQClient, RMQLogLevel, RMQServer } from 'robotmq'

const folder = await mkdtemp(join(tmpdir(), 'rmq-example-'))
const endpoint = `ipc://${folder}/arm`
const record = new Uint8Array([1])

async function start(): Promise<RMQServer> {
  const server = await RMQServer.bind('arm', endpoint)
  server.addTopic('joints', { messageRemainingTimeS: 10, maxRecords: 2 })
  return server
}

const first = await start()
// The events tell; the log would say the same once more.
const client = await RMQClient.connect('station', endpoint, { logLevel: RMQLogLevel.OFF })
let retries = 0
client.on('connect', () => console.log('connect: the server is there again'))
client.on('disconnect', () => console.log('disconnect: looking for it'))
client.on('retry', ({ op, topic }) => {
  retries += 1
  if (retries === 1) console.log(`retry: the ${op} of ${topic} is sent again until it is answered`)
})
client.on('drop', ({ topic, lost }) => console.log(`drop: ${lost} records of ${topic} were gone before they were read`))

await first.close()
const peek = client.peekData('joints', -1, { timeoutS: 0.1 })
while (retries === 0) await new Promise((resolve) => setTimeout(resolve, 10))
const second = await start()
console.log(`the peek was answered after all: ${(await peek).length} records`)

second.putData('joints', record)
const [oldest] = await client.peekData('joints', 1)
if (oldest === undefined) throw new Error('the record is there')
for (let count = 2; count <= 6; count++) second.putData('joints', record)
// The topic keeps two records. Who comes back for what came behind the first gets those, and is told of the others.
for await (const message of client.subscribe('joints', { from: { after: oldest } })) {
  console.log(`next is record ${message.sequence}, ${message.lostBefore} lost before it`)
  break
}

await client.close()
await second.close()
await rm(folder, { recursive: true })

// Subscribers of one topic over a connection each. Arguments: endpoint, topic, how many. Says `ready`, and every 100 ms
// `got COUNT P99_MS`, the records of all since the last time and their delay. Takes `end COUNT`: says `sum RECEIVED LOST`
// once so many records are accounted for in each subscription.
import { createInterface } from 'node:readline'
import { RMQClient, RMQLogLevel, steadyClockUs } from 'robotmq'

const [endpoint, topic, count] = process.argv.slice(2)
const logLevel = RMQLogLevel.OFF
const clients = await Promise.all(
  Array.from({ length: Number(count) }, () => RMQClient.connect('s', endpoint, { logLevel })),
)
const subscriptions = clients.map((client) => client.subscribe(topic, { from: 'new' }))
await Promise.all(subscriptions.map(({ ready }) => ready))
console.log('ready')

let delays = []
for (const subscription of subscriptions) {
  void (async () => {
    for await (const { data } of subscription) {
      const putUs = new DataView(data.buffer, data.byteOffset).getFloat64(4, true)
      delays.push((steadyClockUs() - putUs) / 1000)
    }
  })()
}
const timer = setInterval(() => {
  const sorted = delays.sort((a, b) => a - b)
  delays = []
  if (sorted.length > 0) console.log(`got ${sorted.length} ${sorted[Math.floor(sorted.length * 0.99)]}`)
}, 100)

createInterface({ input: process.stdin }).on('line', async (line) => {
  const published = Number(line.slice('end '.length))
  clearInterval(timer)
  const missing = () => subscriptions.some(({ counts: { received, lost } }) => received + lost < published)
  while (missing()) await new Promise((resolve) => setTimeout(resolve, 5))
  const sum = (name) => subscriptions.reduce((total, { counts }) => total + counts[name], 0)
  console.log(`sum ${sum('received')} ${sum('lost')}`)
  await Promise.all(clients.map((client) => client.close()))
  process.exit(0)
})

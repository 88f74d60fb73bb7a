// A client at the end of a link. Arguments: endpoint, then NAME:POLICY for each topic to subscribe to. Says `ready`,
// `event connect` and `event disconnect` as they come, and every 50 ms `got` with the records of each topic so far. Takes
// `ask` (asks numbered requests `echo` from then on, five at a time, each until it is answered) and `end NAME=COUNT …`: ends
// the requests, waits until so many records are accounted for, says `asked COUNT WRONG` and for each topic
// `counts NAME RECEIVED LOST SKIPPED DISORDERED`.
import { createInterface } from 'node:readline'
import { RMQClient, RMQLogLevel } from 'robotmq'

const [endpoint, ...topics] = process.argv.slice(2)
const client = await RMQClient.connect('client', endpoint, { logLevel: RMQLogLevel.OFF })
for (const event of ['connect', 'disconnect']) client.on(event, () => console.log(`event ${event}`))

const numberIn = (data) => new DataView(data.buffer, data.byteOffset).getUint32(0, true)
const readings = topics.map((text) => {
  const [name, policy] = text.split(':')
  return { name, subscription: client.subscribe(name, { from: 'new', policy }), last: 0, disordered: 0, received: 0 }
})
await Promise.all(readings.map(({ subscription }) => subscription.ready))
console.log('ready')
for (const reading of readings) {
  void (async () => {
    for await (const { data, lostBefore } of reading.subscription) {
      const number = numberIn(data)
      // Behind a restart it begins with 1 again.
      if (number !== reading.last + lostBefore + 1 && number !== 1) reading.disordered++
      reading.last = number
      reading.received++
    }
  })()
}
const timer = setInterval(() => console.log(`got ${readings.map(({ received }) => received).join(' ')}`), 50)

let asked = 0
let wrong = 0
let asking = false
const askers = []
const ask = async () => {
  while (asking) {
    const number = ++asked
    const request = new Uint8Array(8)
    new DataView(request.buffer).setUint32(0, number, true)
    const reply = await client.requestWithData('echo', request, { timeoutS: 0.3 })
    if (numberIn(reply) !== number) wrong++
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

// It ends with whoever started it.
const lines = createInterface({ input: process.stdin }).on('close', () => process.exit())
lines.on('line', async (line) => {
  if (line === 'ask') {
    asking = true
    for (let count = 0; count < 5; count++) askers.push(ask())
    return
  }
  asking = false
  await Promise.all(askers)
  console.log(`asked ${asked} ${wrong}`)
  const put = Object.fromEntries(
    line
      .slice('end '.length)
      .split(' ')
      .map((part) => part.split('=')),
  )
  const missing = ({ name, subscription: { counts } }) =>
    counts.received + counts.lost + counts.skipped < Number(put[name])
  while (readings.some(missing)) await new Promise((resolve) => setTimeout(resolve, 5))
  clearInterval(timer)
  for (const { name, subscription, disordered } of readings) {
    const { received, lost, skipped } = subscription.counts
    console.log(`counts ${name} ${received} ${lost} ${skipped} ${disordered}`)
  }
  await client.close()
  process.exit(0)
})

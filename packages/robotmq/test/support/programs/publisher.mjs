// A server that puts numbered records with the time of their put on heap topics, and answers numbered requests `echo`
// with themselves. Arguments: endpoint, then for each topic NAME:BYTES:HZ. Says `listening`, takes `start`, `stop` (says
// `put NAME COUNT` for each), `ran` (says `ran COUNT MOST`: requests that ran, and how often one did) and `memory` (says
// its bytes).
import { createInterface } from 'node:readline'
import { RMQLogLevel, RMQServer, steadyClockUs } from 'robotmq'

const [endpoint, ...topics] = process.argv.slice(2)
const server = await RMQServer.bind('publisher', endpoint, { logLevel: RMQLogLevel.OFF })
const streams = topics.map((text) => {
  const [name, bytes, hz] = text.split(':')
  server.addTopic(name, { messageRemainingTimeS: 2, maxBytes: 64 * 2 ** 20 })
  return { name, record: new Uint8Array(Number(bytes)), periodUs: 1e6 / Number(hz), count: 0 }
})
server.addTopic('echo', { messageRemainingTimeS: 1 })
const ran = new Map()
server.onRequest('echo', ({ data }) => {
  const number = new DataView(data.buffer, data.byteOffset).getUint32(0, true)
  ran.set(number, (ran.get(number) ?? 0) + 1)
  return data
})
console.log(`listening ${server.endpoints[0]}`)

let timer
const start = () => {
  const startUs = steadyClockUs()
  const base = streams.map(({ count }) => count)
  timer = setInterval(() => {
    const nowUs = steadyClockUs()
    for (const [index, stream] of streams.entries()) {
      const due = base[index] + Math.floor((nowUs - startUs) / stream.periodUs)
      while (stream.count < due) {
        const view = new DataView(stream.record.buffer)
        view.setUint32(0, ++stream.count, true)
        view.setFloat64(4, steadyClockUs(), true)
        server.putData(stream.name, stream.record)
      }
    }
  }, 1)
}

// It ends with whoever started it.
const lines = createInterface({ input: process.stdin }).on('close', () => process.exit())
lines.on('line', (line) => {
  if (line === 'start') start()
  if (line === 'memory') console.log(`memory ${process.memoryUsage.rss()}`)
  if (line === 'stop') {
    clearInterval(timer)
    for (const { name, count } of streams) console.log(`put ${name} ${count}`)
  }
  if (line === 'ran') console.log(`ran ${ran.size} ${Math.max(0, ...ran.values())}`)
})

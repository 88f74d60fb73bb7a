// Sends hostile messages to a server in a process of its own, over both wires, and watches it: it has to live, answer who
// is in order, and keep its memory. `node packages/zmq/scripts/hostile-frames.mjs [MESSAGES = 1000000] [SEED = 1]`, with
// the packages built. Ends with a line of JSON; the exit code is 1 where something was wrong.
import { Buffer } from 'node:buffer'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Dealer } from 'zeromq'
import { HostileMessages } from '../test/support/hostile-messages.mjs'

const MOST_GROWN_BYTES = 20 * 2 ** 20
/** By then every table and pool of the server has been full, and its heap has the size that it keeps. */
const WARM_UP = 200_000
/** Messages between two looks at the server; each has a connection of its own. */
const ROUND = 5000
const STREAMS = 20
/** No message before it begins so. */
const LAST = 'the last of this connection'
const STATUS = Buffer.from('\x01t\x06\0\0\0\0\0\0\0\0', 'latin1')

const [messages = 1_000_000, seed = 1] = process.argv.slice(2).map(Number)
const server = spawn(process.execPath, [fileURLToPath(new URL('hostile-frames-server.mjs', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
process.once('exit', () => server.kill('SIGKILL'))
const ended = once(server, 'exit').then(([code, signal]) => {
  throw new Error(`The server ended by itself (${signal ?? `exit code ${code}`}). Seed ${seed}.`)
})
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
const { value: endpoint } = await Promise.race([lines.next(), ended])

const hostile = new HostileMessages(seed)
const startMs = performance.now()
let sent = 0
let answers = 0
let slowestMs = 0
let settledBytes
while (sent < messages) {
  await Promise.race([attack(Math.min(ROUND, messages - sent)), ended])
  if (settledBytes === undefined && sent >= Math.min(messages / 2, WARM_UP)) settledBytes = residentBytes()
}
const grownBytes = residentBytes() - settledBytes
server.stdin.write('report\n')
const { value: counters } = await Promise.race([lines.next(), ended])
const ok = grownBytes < MOST_GROWN_BYTES
const mb = (bytes) => Number((bytes / 2 ** 20).toFixed(1))
const seconds = Number(((performance.now() - startMs) / 1000).toFixed(1))
const figures = {
  residentMB: mb(settledBytes),
  grownMB: mb(grownBytes),
  answers,
  slowestMs: Math.round(slowestMs),
  seconds,
}
console.log(JSON.stringify({ ok, messages: sent, seed, ...figures, ...JSON.parse(counters) }))
process.exit(ok ? 0 : 1)

/** Sends so many messages over a connection, some bytes over others, and waits until the server is through with them. */
async function attack(count) {
  const socket = new Dealer({ linger: 0, sendHighWaterMark: 1000, receiveHighWaterMark: 0, receiveTimeout: 30_000 })
  socket.connect(endpoint)
  const through = readTo(socket, LAST)
  for (let index = 0; index < count; index++) {
    if (index % (ROUND / STREAMS) === 0) throwBytes(hostile.nextStream())
    await socket.send(hostile.next())
    sent++
  }
  const askedMs = performance.now()
  await socket.send([LAST, '', STATUS])
  await Promise.all([through, askStatus()])
  slowestMs = Math.max(slowestMs, performance.now() - askedMs)
  socket.close()
}

/** What a client puts before its envelope comes back with the answer. */
async function readTo(socket, mark) {
  while ((await socket.receive())[0].toString() !== mark) answers++
}

async function askStatus() {
  const socket = new Dealer({ linger: 0, receiveTimeout: 30_000 })
  socket.connect(endpoint)
  await socket.send(['', STATUS])
  const answer = (await socket.receive()).at(-1)
  if (answer.subarray(0, 3).toString('latin1') !== '\x01t\x06')
    throw new Error(`The status was answered with ${answer}.`)
  socket.close()
}

function throwBytes(bytes) {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1', () => socket.end(bytes))
  socket.on('error', () => {})
  socket.setTimeout(1000, () => socket.destroy())
  socket.resume()
}

function residentBytes() {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) * 1024
}

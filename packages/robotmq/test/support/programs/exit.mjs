// Ends in a given way while a server and a client are alive, in the main thread, in a worker thread of its own,
// or in the main thread while such a worker lives.
import { writeSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { RMQClient, RMQLogLevel, RMQServer } from 'robotmq'

const [how, where, ...endpoints] = isMainThread ? process.argv.slice(2) : workerData

async function serve() {
  const logLevel = RMQLogLevel.OFF
  const server = await RMQServer.bind('program', endpoints, { logLevel })
  server.addTopic('t', { messageRemainingTimeS: 5 })
  const clients = []
  for (const endpoint of server.endpoints) {
    const client = await RMQClient.connect('program', endpoint, { logLevel })
    await client.putData('t', new Uint8Array(1000))
    clients.push(client)
  }
  return async () => {
    for (const client of clients) await client.close()
    await server.close()
  }
}

async function end(close) {
  // At once: what a worker logs goes through the main thread, which may be gone before.
  writeSync(1, 'alive\n')
  if (how === 'close') await close()
  if (how === 'exit') process.exit(3)
  if (how === 'busy') {
    const until = performance.now() + 200
    while (performance.now() < until);
    process.exit(3)
  }
  if (how === 'throw') throw new Error('thrown')
  if (how === 'reject') void Promise.reject(new Error('rejected'))
  if (how.startsWith('SIG')) process.kill(process.pid, how)
}

if (isMainThread && where !== 'main thread') {
  const worker = new Worker(new URL(import.meta.url), { workerData: [how, where, ...endpoints] })
  worker.on('error', () => {})
  worker.on('exit', (code) => {
    process.exitCode = code
  })
  worker.on('message', () => end(() => worker.postMessage('close')))
} else {
  const close = await serve()
  if (where === 'main thread beside a worker') {
    parentPort.once('message', close)
    parentPort.postMessage('alive')
  } else {
    await end(close)
  }
}

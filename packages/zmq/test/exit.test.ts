import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startChild, startNode } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { countBody, frame, RobotmqCommand } from './support/robotmq-frames.ts'

const client = (endpoint: string) => `
  import { zmqTransport } from '@rmq/zmq'
  const link = await zmqTransport().connect(${JSON.stringify(endpoint)}, { clientName: 'c' })
  await link.call({ op: 'list' })
`
const server = (endpoint: string) => `
  import { RMQServer } from '@rmq/core'
  import { zmqEngine } from '@rmq/zmq'
  const server = await RMQServer.bind('s', [${JSON.stringify(endpoint)}], { engine: zmqEngine(), logLevel: 6 })
  console.log('up')
`

async function outcome(text: string) {
  const child = startNode(text)
  const code = await child.exit
  return { code, stderr: child.stderr() }
}

describe('a server with a thread of its own ends cleanly', () => {
  test.each([
    ['closed', 'await server.close()', 0],
    ['by process.exit', 'process.exit(3)', 3],
    ['by a throw', "setTimeout(() => { throw new Error('planned') })", 1],
    ['by a rejection', "Promise.reject(new Error('planned'))", 1],
  ])('%s', async (_name, end, code) => {
    const result = await outcome(server(freshEndpoint()) + end)
    expect(result.code, result.stderr).toBe(code)
    expect(result.stderr).not.toContain('Napi')
  })
})

describe('a client ends cleanly', () => {
  test.each([
    ['closed, by itself', 'await link.close()', 0],
    ['open, by process.exit', 'process.exit(3)', 3],
    ['open with a call pending, by a throw', "link.call({ op: 'list' }); throw new Error('planned')", 1],
  ])('%s', async (_name, end, code) => {
    const endpoint = freshEndpoint()
    const peer = startNode(server(endpoint))
    await peer.line()
    const result = await outcome(client(endpoint) + end)
    expect(result.code, result.stderr).toBe(code)
    expect(result.stderr).not.toContain('Napi')
  })

  test('while it still waits for its server', async () => {
    const endpoint = freshEndpoint()
    const result = await outcome(`
      import { zmqTransport } from '@rmq/zmq'
      const signal = AbortSignal.timeout(100)
      await zmqTransport().connect(${JSON.stringify(endpoint)}, { clientName: 'c', signal }).catch(({ name }) => console.error(name))
    `)
    expect(result).toEqual({ code: 0, stderr: 'TimeoutError\n' })
  })
})

describe('a worker thread with an open client ends cleanly', () => {
  test.each([
    ['by process.exit in the thread', 'process.exit(4)', '', 4],
    ['by a throw in the thread', "setTimeout(() => { throw new Error('planned') })", '', 1],
    ['by process.exit in the main thread', '', 'process.exit(3)', 3],
  ])('%s', async (_name, inThread, inMain, code) => {
    const endpoint = freshEndpoint()
    const peer = startNode(server(endpoint))
    await peer.line()
    const thread = `${client(endpoint)}
      const { parentPort } = await import('node:worker_threads')
      parentPort.postMessage('met')
      ${inThread}
    `
    const result = await outcome(`
      import { rmSync, writeFileSync } from 'node:fs'
      import { Worker } from 'node:worker_threads'
      import '@rmq/zmq'
      const text = ${JSON.stringify(thread)}
      const file = new URL('./.exit-test-' + process.pid + '.mjs', 'file://' + process.cwd() + '/')
      writeFileSync(file, text)
      process.on('exit', () => rmSync(file))
      const worker = new Worker(file, { execArgv: [] })
      worker.on('message', () => { ${inMain} })
      worker.on('exit', (code) => process.exit(code))
      worker.on('error', () => {})
    `)
    expect(result.code, result.stderr).toBe(code)
    expect(result.stderr).not.toContain('Napi')
  })
})

test('a server that is closed while clients leave its replies unread does not corrupt the process', async () => {
  const result = await outcome(`
    import { RMQServer } from '@rmq/core'
    import { zmqEngine } from '@rmq/zmq'
    import { Dealer } from 'zeromq'
    const endpoint = ${JSON.stringify(freshEndpoint())}
    const peek = Buffer.from(${JSON.stringify(Buffer.from(frame('t', RobotmqCommand.PEEK, countBody(-1))).toString('hex'))}, 'hex')
    for (let round = 0; round < 10; round++) {
      const server = await RMQServer.bind('s', [endpoint], { engine: zmqEngine(), logLevel: 6 })
      server.addTopic('t', { messageRemainingTimeS: 10 })
      server.putData('t', new Uint8Array(5000))
      const deaf = new Dealer({ linger: 0, receiveHighWaterMark: 1 })
      deaf.connect(endpoint)
      for (let count = 0; count < 500; count++) await deaf.send(['', peek])
      await new Promise((resolve) => setTimeout(resolve, 30))
      await server.close()
      deaf.close()
    }
  `)
  expect(result.code, result.stderr).toBe(0)
})

/**
 * A program on one core that others keep busy, where ZeroMQ's threads come last: it gives back what it was lent a good
 * while after its sockets were closed.
 */
async function outcomeWhileStarved(text: string) {
  const core = /Cpus_allowed_list:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]!
  const program = `
    import { readdirSync, readFileSync } from 'node:fs'
    import { setPriority } from 'node:os'
    import { Worker } from 'node:worker_threads'
    for (let count = 0; count < 4; count++) new Worker('for (;;);', { eval: true, execArgv: [] }).unref()
    function starveZeromq() {
      for (const thread of readdirSync('/proc/self/task')) {
        const name = readFileSync('/proc/self/task/' + thread + '/comm', 'utf8')
        if (name.startsWith('ZMQ')) setPriority(Number(thread), 19)
      }
    }
    ${text}
  `
  const child = startChild('taskset', ['-c', core, process.execPath, '--input-type=module', '-e', program])
  const code = await child.exit
  return { code, stderr: child.stderr() }
}

const unpinned = spawnSync('taskset', ['-V']).error !== undefined
if (unpinned) {
  const remedy = 'No `taskset`: apt-get install util-linux.'
  if (process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error(remedy)
  console.warn(`SKIPPED: ${remedy}`)
}

describe.skipIf(unpinned)('a worker thread whose large puts ZeroMQ holds for long does not corrupt the process', () => {
  test.each([
    ['closes its client', 'await link.close()'],
    ['exits', 'process.exit()'],
    ['exits while it closes its client', 'link.close(); setImmediate(() => process.exit())'],
  ])('when it %s', async (_name, end) => {
    const endpoint = freshEndpoint()
    const peer = startNode(server(endpoint))
    await peer.line()
    const thread = `${client(endpoint)}
      const { once } = await import('node:events')
      const { parentPort } = await import('node:worker_threads')
      parentPort.postMessage('met')
      await once(parentPort, 'message')
      for (let count = 0; count < 300; count++) {
        const data = new Uint8Array(count % 10 === 0 ? 1 << 20 : 4096)
        link.call({ op: 'put', topic: 't', data }).catch(() => {})
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
      parentPort.close()
      ${end}
    `
    const result = await outcomeWhileStarved(`
      import { once } from 'node:events'
      import { rmSync, writeFileSync } from 'node:fs'
      import '@rmq/zmq'
      const file = new URL('./.exit-test-' + process.pid + '.mjs', 'file://' + process.cwd() + '/')
      writeFileSync(file, ${JSON.stringify(thread)})
      process.on('exit', () => rmSync(file))
      for (let round = 0; round < 2; round++) {
        const worker = new Worker(file, { execArgv: [] })
        await once(worker, 'message')
        process.kill(${peer.process.pid}, 'SIGSTOP')
        starveZeromq()
        worker.postMessage('put')
        await once(worker, 'exit')
        process.kill(${peer.process.pid}, 'SIGCONT')
      }
    `)
    expect(result.code, result.stderr).toBe(0)
  })
})

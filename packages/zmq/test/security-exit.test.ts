import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { generateKeyPair } from '../src/index.ts'
import { startNode } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'

const robot = generateKeyPair()
const arm = generateKeyPair()
const leg = generateKeyPair()
const text = (value: unknown) => JSON.stringify(value)

async function outcome(program: string) {
  const child = startNode(program)
  const code = await child.exit
  return { code, stderr: child.stderr() }
}

/** Two servers with threads of their own, keys and lists of their own, and a client of each. */
const twoServers = () => `
  import { RMQClient, RMQServer } from '@rmq/core'
  import { zmqEngine, zmqTransport } from '@rmq/zmq'
  const bind = (endpoint, clients) => RMQServer.bind('s', [endpoint], {
    engine: zmqEngine(), logLevel: 6, security: { secretKey: ${text(robot.secretKey)}, clients },
  })
  const connect = (endpoint, secretKey) => RMQClient.connect('c', endpoint, {
    transports: [zmqTransport()], logLevel: 6, security: { serverKey: ${text(robot.publicKey)}, secretKey },
  })
  const endpoints = [${text(freshEndpoint())}, ${text(freshEndpoint())}]
  const one = await bind(endpoints[0], [${text(arm.publicKey)}])
  const two = await bind(endpoints[1], [${text(leg.publicKey)}])
  two.addTopic('t', { messageRemainingTimeS: 10 })
  two.putData('t', new Uint8Array([7]))
  const arm = await connect(endpoints[0], ${text(arm.secretKey)})
  const leg = await connect(endpoints[1], ${text(leg.secretKey)})
  for (const [endpoint, key] of [[endpoints[1], ${text(arm.secretKey)}], [endpoints[0], ${text(leg.secretKey)}]]) {
    const refused = await connect(endpoint, key).then(() => 'admitted', (error) => error.code)
    if (refused !== 'UNAUTHORIZED') throw new Error(refused)
  }
  await arm.close()
  await one.close()
  const [{ data }] = await leg.peekData('t', -1)
  if (data[0] !== 7) throw new Error('another record')
`

test('servers with keys, each in its own thread, do not disturb each other, and end cleanly', async () => {
  const ends = [
    ['await leg.close(); await two.close()', 0],
    ['process.exit(3)', 3],
  ] as const
  await Promise.all(
    ends.map(async ([end, code]) => {
      const result = await outcome(twoServers() + end)
      expect(result.code, result.stderr).toBe(code)
      expect(result.stderr).not.toContain('Napi')
    }),
  )
})

test('a key file that others may read is refused by the thread’s server with the command that mends it', async () => {
  const result = await outcome(`
    import { writeFileSync } from 'node:fs'
    import { RMQServer } from '@rmq/core'
    import { writeKeyPair, zmqEngine } from '@rmq/zmq'
    const secretKeyFile = ${text(`${freshEndpoint().slice('ipc://'.length)}.key`)}
    writeKeyPair(secretKeyFile)
    const { chmodSync } = await import('node:fs')
    chmodSync(secretKeyFile, 0o644)
    const binding = RMQServer.bind('s', [${text(freshEndpoint())}], { engine: zmqEngine(), security: { secretKeyFile } })
    await binding.catch(({ code, message }) => console.error(code, message))
  `)
  expect(result).toEqual({ code: 0, stderr: expect.stringMatching(/^PERMISSION_DENIED .*run `chmod 600 /) })
})

describe('a client that looks for the reason of a silence', () => {
  /** Greets as a socket with keys does, and says no more. */
  async function silentServer(): Promise<string> {
    const greeting = Buffer.alloc(64)
    Buffer.from('ff00000000000000017f0300', 'hex').copy(greeting)
    greeting.write('CURVE', 12)
    const server = createServer((socket) => socket.on('error', () => {}).write(greeting)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  const client = (endpoint: string) => `
    import { zmqTransport } from '@rmq/zmq'
    const security = { serverKey: ${text(robot.publicKey)} }
    const signal = AbortSignal.timeout(600)
    const connecting = zmqTransport().connect(${text(endpoint)}, { clientName: 'c', security, signal })
  `

  const worker = (program: string, inMain: string) => `
    import { rmSync, writeFileSync } from 'node:fs'
    import { Worker } from 'node:worker_threads'
    import '@rmq/zmq'
    const file = new URL('./.exit-test-' + process.pid + '.mjs', 'file://' + process.cwd() + '/')
    writeFileSync(file, ${text(program)})
    process.on('exit', () => rmSync(file))
    const worker = new Worker(file, { execArgv: [] })
    worker.on('message', () => { ${inMain} })
    worker.on('exit', (code) => process.exit(code))
  `

  test('ends cleanly, by itself and by process.exit, also in a worker thread', async () => {
    const looking = client(await silentServer())
    const quiet = `${looking}connecting.catch(() => {});`
    const exitSoon = (code: number) => `setTimeout(() => process.exit(${code}), 400)`
    const programs: [string, number][] = [
      [`${looking}await connecting.catch(({ name }) => console.error(name))`, 0],
      [quiet + exitSoon(3), 3],
      [worker(quiet + exitSoon(4), ''), 4],
      [worker(`${quiet}(await import('node:worker_threads')).parentPort.postMessage('looking')`, exitSoon(5)), 5],
    ]
    await Promise.all(
      programs.map(async ([program, code]) => {
        const result = await outcome(program)
        expect(result.code, result.stderr).toBe(code)
        expect(result.stderr).not.toContain('Napi')
      }),
    )
  })
})

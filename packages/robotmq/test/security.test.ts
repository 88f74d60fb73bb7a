import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RMQClient, RMQLogLevel, RMQServer, serialize, writeKeyPair } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'

/** A folder with the keys of a robot and an arm. */
function keys(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rmq-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['robot.key', 'arm.key']) writeKeyPair(join(folder, name))
  return folder
}

type Program = (names: { RMQServer: typeof RMQServer; RMQClient: typeof RMQClient }) => Promise<{
  server: RMQServer
  client: RMQClient
}>

test('the program of the security page runs, and what is put arrives', async () => {
  const page = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8')
  const [, code] = /```ts\n(.*?)```/s.exec(page)!
  const endpoint = await freshEndpoint('tcp')
  const folder = keys()
  const runnable = code!
    .replaceAll(/'(\w+\.key(\.pub)?)'/g, (_, name) => JSON.stringify(join(folder, name)))
    .replaceAll(/tcp:\/\/[^']+/g, endpoint)
  const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => Program
  const program = new AsyncFunction('{ RMQServer, RMQClient }', `${runnable}\nreturn { server, client }`)
  const { server, client } = await program({ RMQServer, RMQClient })
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  server.addTopic('pose', { messageRemainingTimeS: 10 })
  server.putData('pose', serialize([1, 2, 3]))
  expect(await client.peekData('pose', -1)).toHaveLength(1)
  const stranger = RMQClient.connect('stranger', endpoint, { logLevel: RMQLogLevel.OFF })
  await expect(stranger).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
})

test('shared memory is attached behind keys too', async () => {
  const endpoint = await freshEndpoint('ipc')
  const folder = keys()
  const server = await RMQServer.bind('robot', endpoint, {
    security: { secretKeyFile: join(folder, 'robot.key'), clientsFile: join(folder, 'arm.key.pub') },
  })
  onTestFinished(() => server.close())
  server.addSharedMemoryTopic('camera', { messageRemainingTimeS: 10, capacityBytes: 2 ** 20 })
  server.putData('camera', new Uint8Array([1, 2, 3]))
  const client = await RMQClient.connect('arm', endpoint, {
    security: { serverKeyFile: join(folder, 'robot.key.pub'), secretKeyFile: join(folder, 'arm.key') },
  })
  onTestFinished(() => client.close())
  expect((await client.describe('camera')).access).toBe('attached')
  expect([...(await client.peekData('camera', -1))[0]!.data]).toEqual([1, 2, 3])
})

test('a wrong limit is refused by the call that gives it', async () => {
  const binding = RMQServer.bind('robot', await freshEndpoint('ipc'), { maxClients: -1 })
  await expect(binding).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

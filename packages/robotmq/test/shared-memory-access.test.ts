import { RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Child, type ChildOptions } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'

const logLevel = RMQLogLevel.OFF
const RECORD = new Uint8Array(1000).fill(7)
/** The system's "nobody". */
const NOBODY = 65534
const GROUP = 54_321

let server: RMQServer

beforeEach(async () => {
  server = await RMQServer.bind('server', await freshEndpoint('tcp'), { logLevel })
})

afterEach(() => server.close())

function addTopic(options: object = {}): void {
  server.addSharedMemoryTopic('t', { messageRemainingTimeS: 60, capacityBytes: 2 ** 20, ...options })
  server.putData('t', RECORD)
}

async function accessOf(options: ChildOptions): Promise<{ access: string; bytes: string }> {
  const child = new Child('shared-client.mjs', [server.endpoints[0]!, 'peek'], options)
  const access = await child.line('access ')
  const bytes = await child.line('bytes ')
  expect(await child.exited, child.errorText).toEqual({ code: 0, signal: null })
  return { access, bytes }
}

test('the same user attaches, over tcp too', async () => {
  addTopic()
  expect(await accessOf({})).toEqual({ access: 'attached ', bytes: '1000' })
})

test('another mount namespace reads over the connection, and is told why', async () => {
  addTopic()
  const wrapper = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs none /dev/shm && exec "$@"', 'sh']
  const { access, bytes } = await accessOf({ wrapper })
  expect(access).toMatch(/^link .*mount namespace/)
  expect(bytes).toBe('1000')
})

test('another time namespace reads over the connection, and is told why', async () => {
  addTopic()
  const { access, bytes } = await accessOf({ wrapper: ['unshare', '--time', '--fork', '--monotonic', '3600'] })
  expect(access).toMatch(/^link .*time namespace/)
  expect(bytes).toBe('1000')
})

test('who comes when all places are taken reads over the connection, and is told why', async () => {
  // The server's two threads have them.
  addTopic({ participants: 2 })
  const client = await RMQClient.connect('client', server.endpoints[0]!, { logLevel })
  const [message] = await client.peekData('t', -1)
  expect(message!.data).toEqual(RECORD)
  expect(await client.describe('t')).toMatchObject({ access: 'link', reason: expect.stringContaining('participants') })
  await client.close()
})

describe.runIf(process.getuid?.() === 0)('users', () => {
  test('another user reads over the connection, and is told why', async () => {
    addTopic()
    const { access, bytes } = await accessOf({ uid: NOBODY, gid: NOBODY })
    expect(access).toMatch(/^link .*user/)
    expect(bytes).toBe('1000')
  })

  test('another user of the group attaches, and is woken at once', async () => {
    addTopic({ group: GROUP })
    const child = new Child('shared-client.mjs', [server.endpoints[0]!, 'wait'], { uid: NOBODY, gid: GROUP })
    expect(await child.line('access ')).toBe('attached ')
    const delays: number[] = []
    await child.line('waiting')
    server.putData('t', RECORD)
    delays.push(Number(await child.line('delay ')))
    expect(await child.exited, child.errorText).toEqual({ code: 0, signal: null })
    // A bell that could not be rung would leave it to the timer, which looks every 100 ms.
    expect(delays[0]).toBeLessThan(50_000)
  })
})

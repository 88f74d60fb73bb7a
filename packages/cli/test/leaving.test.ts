import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killAll, RMQ, Running, rmqWithInput, startRmq } from './support/rmq.ts'
import { freshEndpoint, removeFolders, type Served, serve, temporaryFolder } from './support/serve.ts'

let served: Served
let E: string

beforeEach(async () => {
  served = await serve('--topic', 't:60')
  E = served.endpoint
})
afterEach(killAll)
afterAll(removeFolders)

/** Node handles SIGINT and SIGTERM from its start on, but SIGHUP only for who asks: the kernel tells. */
async function untilSignalsAreHandled({ child }: Running): Promise<void> {
  const handled = () => /^SigCgt:.*[13579bdf]$/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8'))
  await expect.poll(handled, { timeout: 20_000, interval: 20 }).toBe(true)
}

describe('a server that was killed', () => {
  test('echo waits for it until the timeout, and ends with 3', async () => {
    await rmqWithInput('x', 'put', E, 't')
    const echo = startRmq('echo', E, 't', '--timeout', '1')
    await echo.until(({ stdout }) => stdout.includes('#1'))
    await served.server.end('SIGKILL')
    const { code, stdout, stderr } = await echo.exited
    expect({ code, stdout: stdout.match(/^#\d+/gm) }).toEqual({ code: 3, stdout: ['#1'] })
    expect(stderr).toContain('Is the server running')
  })

  test('put ends with 3 and tells how far it came', async () => {
    const putting = startRmq('put', E, 't', '--data', 'x', '--rate', '200', '--timeout', '1')
    await startRmq('echo', E, 't', '--count', '10').exited
    await served.server.end('SIGKILL')
    const { code, stderr } = await putting.exited
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/Put \d+ records/) })
    expect(stderr).toContain('It may have taken effect')
  })

  test('a request that waits ends with 3', async () => {
    const request = startRmq('request', E, 't', '--data', 'x', '--timeout', '2')
    // The request is on its way once the client has connected; the server sees it, or dies before.
    await startRmq('status', E, 't').exited
    await served.server.end('SIGKILL')
    expect(await request.exited).toMatchObject({ code: 3, stdout: '' })
  })
})

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends at once, and quietly,', (signal, code) => {
  async function waiting(...args: string[]): Promise<Running> {
    const running = startRmq(...args, '--timeout', '60')
    await untilSignalsAreHandled(running)
    return running
  }

  test('the wait for a server', async () => {
    const running = await waiting('peek', freshEndpoint(), 't')
    expect(await running.end(signal)).toMatchObject({ code, stdout: '', stderr: '' })
  })

  test('the wait for a reply', async () => {
    const running = await waiting('request', E, 't', '--data', 'x')
    expect(await running.end(signal)).toMatchObject({ code, stdout: '', stderr: '' })
  })

  test('the wait for stdin', async () => {
    const running = new Running(process.execPath, [RMQ, 'put', E, 't'], { keepStdin: true })
    await untilSignalsAreHandled(running)
    expect(await running.end(signal)).toMatchObject({ code, stdout: '', stderr: '' })
  })

  test('the wait for the writer of a named pipe', async () => {
    const pipe = `${temporaryFolder()}/pipe`
    execFileSync('mkfifo', [pipe])
    const running = await waiting('put', E, 't', '--file', pipe)
    expect(await running.end(signal)).toMatchObject({ code, stdout: '', stderr: '' })
  })

  test('a follower, which is success', async () => {
    const running = await waiting('echo', E, 't')
    expect(await running.end(signal)).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })
})

describe('output that nobody reads', () => {
  test('echo leaves quietly when its reader has gone', async () => {
    const putting = startRmq('put', E, 't', '--data', 'x', '--rate', '100')
    const echo = startRmq('echo', E, 't')
    await echo.until(({ stdout }) => stdout.includes('\n'))
    echo.child.stdout?.destroy()
    expect(await echo.exited).toMatchObject({ code: 0, stderr: '' })
    await putting.end('SIGINT')
  })

  test('peek leaves quietly when its reader has gone', async () => {
    await rmqWithInput(Buffer.alloc(8_000_000, 1), 'put', E, 't')
    const peek = startRmq('peek', E, 't', '--raw')
    await once(peek.child.stdout as NodeJS.EventEmitter, 'data')
    peek.child.stdout?.destroy()
    expect(await peek.exited).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([
    ['SIGINT', 0],
    ['SIGTERM', 0],
  ] as const)('%s ends an echo whose reader does not read', async (signal, code) => {
    await rmqWithInput(Buffer.alloc(8_000_000, 1), 'put', E, 't')
    const echo = startRmq('echo', E, 't', '--raw')
    await once(echo.child.stdout as NodeJS.EventEmitter, 'data')
    echo.child.stdout?.pause()
    echo.child.kill(signal)
    const [exitCode] = await once(echo.child, 'exit')
    expect(exitCode).toBe(code)
    echo.child.stdout?.destroy()
  })

  test('serve goes on when the reader of its first lines has gone', async () => {
    served.server.child.stdout?.destroy()
    expect((await startRmq('status', E, 't').exited).stdout).toBe('0\n')
    served.server.child.kill('SIGINT')
    const [exitCode] = await once(served.server.child, 'exit')
    expect(exitCode).toBe(0)
  })
})

import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Listener, LocalEngine, RMQLogLevel, type SessionHost } from '@rmq/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { freshEndpoint, temporaryFolder } from './support/endpoints.ts'

const transport = zmqTransport()

function host(): SessionHost {
  const engine = new LocalEngine({ homes: [], transports: [] })
  void engine.start(
    { name: 'test', server: 'run', zeroUs: 0, logLevel: RMQLogLevel.OFF },
    { deliver: () => {}, cancel: () => {} },
  )
  return engine
}

async function listen(endpoint: string): Promise<Listener> {
  const listener = await transport.listen(endpoint, host())
  onTestFinished(() => listener.close())
  return listener
}

const inUse = expect.objectContaining({ code: 'ENDPOINT_IN_USE' })

describe('ipc', () => {
  test('missing folders are made for this user only, and so is the socket', async () => {
    const folder = join(temporaryFolder(), 'a', 'b')
    await listen(`ipc://${folder}/s`)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readdirSync(folder)).toEqual(['s', 's.lane'])
    for (const name of ['s', 's.lane']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  test('the path of a live server is not taken', async () => {
    const endpoint = freshEndpoint()
    await listen(endpoint)
    await expect(transport.listen(endpoint, host())).rejects.toEqual(inUse)
    const link = await transport.connect(endpoint, { clientName: 'c' })
    expect(await link.call({ op: 'list' })).toEqual({ topics: [] })
    await link.close()
  })

  test('the path of another program that listens is not taken', async () => {
    const path = join(temporaryFolder(), 's')
    const other = createServer().listen(path)
    onTestFinished(() => void other.close())
    await new Promise((resolve) => other.once('listening', resolve))
    await expect(transport.listen(`ipc://${path}`, host())).rejects.toEqual(inUse)
  })

  test('the file of a dead server is replaced', async () => {
    const path = join(temporaryFolder(), 's')
    const dead = spawn(process.execPath, [
      '-e',
      `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    await new Promise((resolve) => dead.once('exit', resolve))
    expect(existsSync(path)).toBe(true)
    await listen(`ipc://${path}`)
  })

  test('of servers that race for a path exactly one wins', async () => {
    for (const lockLeft of [false, true]) {
      const path = join(temporaryFolder(), 's')
      // No process has this number: its lock is a dead one's.
      if (lockLeft) writeFileSync(`${path}.lock`, '4194305 dead\n')
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, () => transport.listen(`ipc://${path}`, host())),
      )
      const won = results.filter(({ status }) => status === 'fulfilled')
      expect(won).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'fulfilled') await result.value.close()
        else expect(result.reason).toEqual(inUse)
      }
      expect(existsSync(`${path}.lock`)).toBe(false)
    }
  })

  test('closing removes the socket; the path can be bound again at once', async () => {
    const endpoint = freshEndpoint()
    for (let round = 0; round < 5; round++) {
      const listener = await transport.listen(endpoint, host())
      await listener.close()
      await listener.close()
      expect(existsSync(endpoint.slice('ipc://'.length))).toBe(false)
    }
  })

  test('a file that is no socket is not removed', async () => {
    const path = join(temporaryFolder(), 'notes.txt')
    writeFileSync(path, 'keep')
    await expect(transport.listen(`ipc://${path}`, host())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(existsSync(path)).toBe(true)
    await expect(transport.listen(`ipc://${path}/s`, host())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('a folder that may not be written to is PERMISSION_DENIED', async () => {
    const folder = join(temporaryFolder(), 'locked')
    mkdirSync(folder)
    chmodSync(folder, 0o500)
    const isRoot = process.geteuid?.() === 0
    // Modes do not hold root back.
    if (isRoot) {
      chmodSync(join(folder, '..'), 0o755)
      chmodSync(folder, 0o555)
      process.seteuid?.(65534)
    }
    try {
      for (const path of [`${folder}/s`, `${folder}/deeper/s`]) {
        await expect(transport.listen(`ipc://${path}`, host())).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
      }
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('a folder of the system that may not be written to is PERMISSION_DENIED', async () => {
    // Not even root may make folders there.
    await expect(transport.listen('ipc:///proc/robot/s', host())).rejects.toMatchObject({
      code: expect.stringMatching(/PERMISSION_DENIED|INVALID_ARGUMENT/),
    })
  })
})

describe('tcp', () => {
  test('port 0 becomes the port that was chosen, which then is in use', async () => {
    const { endpoint } = await listen('tcp://127.0.0.1:0')
    expect(endpoint).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d+$/)
    await expect(transport.listen(endpoint, host())).rejects.toEqual(inUse)
  })

  test('the port can be bound again right after close', async () => {
    const first = await transport.listen('tcp://127.0.0.1:0', host())
    await first.close()
    for (let round = 0; round < 5; round++) {
      const again = await transport.listen(first.endpoint, host())
      await again.close()
    }
  })

  test('an address that this machine does not have is refused', async () => {
    await expect(transport.listen('tcp://192.0.2.1:0', host())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('a bind that the network reaches warns once, a loopback one does not', async () => {
    const warn = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const loud = () => {
      const engine = new LocalEngine({ homes: [], transports: [] })
      void engine.start(
        { name: 'test', server: 'run', zeroUs: 0, logLevel: RMQLogLevel.WARNING },
        { deliver: () => {}, cancel: () => {} },
      )
      return engine
    }
    await (await transport.listen('tcp://127.0.0.1:0', loud())).close()
    expect(warn).not.toHaveBeenCalled()
    await (await transport.listen('tcp://0.0.0.0:0', loud())).close()
    expect(warn.mock.calls).toEqual([[expect.stringContaining('without keys')]])
  })
})

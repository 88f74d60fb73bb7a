import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ServerOptions } from '@rmq/core'
import { describe, expect, test } from 'vitest'
import { generateKeyPair, writeKeyPair } from '../src/index.ts'
import { WIRE_MAGIC } from '../src/wire/head.ts'
import { startChild } from './support/child.ts'
import { freshEndpoint, temporaryFolder } from './support/endpoints.ts'
import { python, startPython, toBase64 } from './support/python.ts'
import { startServer } from './support/test-server.ts'

const CURVE_CLIENT = fileURLToPath(new URL('./python/curve_client.py', import.meta.url))

/** How pyzmq's handshake with a server ended, and what it was answered. */
async function handshake(endpoint: string, ...files: string[]) {
  const child = startChild(python!, ['-u', CURVE_CLIENT, endpoint, ...files])
  return JSON.parse(await child.line()) as { handshake: string; status: number; answer?: string }
}

const admitted = { handshake: 'admitted', answer: expect.stringContaining(Buffer.from(WIRE_MAGIC).toString('hex')) }

describe.skipIf(python === undefined)('pyzmq with keys', () => {
  test.each(['tcp', 'ipc'] as const)(
    'reads our key files, and is admitted where its key is on the list: %s',
    async (scheme) => {
      const folder = temporaryFolder()
      const [robot, arm, stranger] = ['robot', 'arm', 'stranger'].map((name) => join(folder, name))
      for (const path of [robot!, arm!, stranger!]) writeKeyPair(path)
      const { endpoint } = await startServer(freshEndpoint(scheme), {
        security: { secretKeyFile: robot!, clientsFile: `${arm}.pub` },
      })
      const [asArm, asStranger, asNobody, wrongServer, plain] = await Promise.all([
        handshake(endpoint, `${robot}.pub`, arm!),
        handshake(endpoint, `${robot}.pub`, stranger!),
        handshake(endpoint, `${robot}.pub`),
        handshake(endpoint, `${stranger}.pub`, arm!),
        handshake(endpoint),
      ])
      expect(asArm).toMatchObject(admitted)
      expect(asStranger).toEqual({ handshake: 'refused', status: 400 })
      expect(asNobody).toEqual({ handshake: 'refused', status: 400 })
      for (const outcome of [wrongServer, plain]) {
        expect(outcome.handshake).toBe('broken')
        expect(outcome).not.toHaveProperty('answer')
      }
    },
  )

  test('our server reads a list of keys, and pyzmq may come with any key where there is none', async () => {
    const folder = temporaryFolder()
    const [robot, arm] = [join(folder, 'robot'), join(folder, 'arm')]
    const { secretKey } = writeKeyPair(robot)
    const { publicKey } = writeKeyPair(arm)
    const list = join(folder, 'admitted')
    writeFileSync(list, `${generateKeyPair().publicKey} base\n${publicKey} arm\n`, { mode: 0o600 })
    const listed = await startServer(freshEndpoint(), { security: { secretKey, clientsFile: list } })
    expect(await handshake(listed.endpoint, `${robot}.pub`, arm)).toMatchObject(admitted)
    const open = await startServer(freshEndpoint(), { security: { secretKey } })
    expect(await handshake(open.endpoint, `${robot}.pub`)).toMatchObject(admitted)
  })
})

describe.skipIf(python === undefined)('a real robotmq client', () => {
  const serve = (options: ServerOptions) => startServer('tcp://127.0.0.1:0', options)

  test('is served where allowedIps has its address', async () => {
    const { server, endpoint } = await serve({ allowedIps: ['127.0.0.2'] })
    server.putData('t', Buffer.from('seen'))
    // ZeroMQ connects from the address that stands before the semicolon.
    const admitted = await startPython('client', endpoint.replace('tcp://', 'tcp://127.0.0.2:0;'))
    expect(await admitted.ask({ op: 'peek', topic: 't', n: -1 })).toMatchObject({ data: [toBase64('seen')] })
  })

  test('sees no answer where allowedIps lacks its address', async () => {
    const { server, endpoint } = await serve({ allowedIps: ['127.0.0.2'] })
    server.putData('t', Buffer.from('secret'))
    const refused = await startPython('client', endpoint)
    for (let round = 0; round < 5; round++) {
      expect(await refused.ask({ op: 'status', topic: 't', timeoutS: 0.1 })).toBe(-2)
    }
    const peek = refused.ask({ op: 'peek', topic: 't', n: -1, timeoutS: 0.5, resend: false })
    await expect(peek).rejects.toThrow('No reply')
    expect((await server.counters()).refused).toBeGreaterThan(0)
  })

  test('is told what to do where robotmqClients excludes it', async () => {
    const { server, endpoint } = await serve({ robotmqClients: 'ipc' })
    server.putData('t', Buffer.from('secret'))
    const client = await startPython('client', endpoint)
    await expect(client.ask({ op: 'peek', topic: 't', n: -1 })).rejects.toThrow('robotmqClients')
    await expect(client.ask({ op: 'put', topic: 't', data: toBase64('x') })).rejects.toThrow('robotmqClients')
    expect(await server.getTopicStatus('t')).toBe(1)
  })

  test('gets nothing from a server with keys', async () => {
    const { endpoint } = await serve({ security: { secretKey: generateKeyPair().secretKey } })
    const client = await startPython('client', endpoint)
    // It gives up, or its send blocks for good.
    const answer = client.ask({ op: 'status', topic: 't', timeoutS: 0.3 })
    expect(await Promise.race([answer, sleep(1000, -2)])).toBe(-2)
  })
})

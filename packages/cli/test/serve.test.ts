import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { RMQClient } from 'robotmq'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { killAll, rmq } from './support/rmq.ts'
import { freshEndpoint, removeFolders, serve, temporaryFolder } from './support/serve.ts'

afterEach(killAll)
afterAll(removeFolders)

test('prints each endpoint as it was bound, and answers on all', async () => {
  const ipc = freshEndpoint()
  const { endpoints } = await serve('--endpoint', ipc, '--endpoint', 'tcp://127.0.0.1:0', '--topic', 't:10')
  expect(endpoints).toEqual([ipc, expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)])
  await rmq('put', endpoints[0] as string, 't', '--data', 'through ipc')
  const { stdout } = await rmq('peek', endpoints[1] as string, 't', '--raw')
  expect(stdout).toBe('through ipc')
})

test('topics are split from the right, so that names may hold colons', async () => {
  const { endpoint } = await serve('--topic', 'robot:1:joints:10', '--topic', 'plain:0.5', '--topic', 'kept:inf')
  const { stdout } = await rmq('list', endpoint, '--json')
  expect(JSON.parse(stdout).map(({ topic }: { topic: string }) => topic)).toEqual(['kept', 'plain', 'robot:1:joints'])
})

test('--echo answers requests and adds its topic, or takes the one that is there', async () => {
  const { endpoint } = await serve('--echo', 'new', '--topic', 'a:b:10', '--echo', 'a:b')
  expect((await rmq('request', endpoint, 'new', '--data', 'one')).stdout).toBe('one')
  expect((await rmq('request', endpoint, 'a:b', '--data', 'two')).stdout).toBe('two')
  expect((await rmq('status', endpoint, 'a:b')).stdout).toBe('0\n')
})

test('folders that are missing are made', async () => {
  const { endpoint } = await serve('--endpoint', `ipc://${temporaryFolder()}/a/b/s`, '--topic', 't:1')
  expect((await rmq('status', endpoint, 't')).code).toBe(0)
})

describe('fails with 1', () => {
  test('where another server listens', async () => {
    const { endpoint, server } = await serve()
    const { code, stdout, stderr } = await rmq('serve', '--endpoint', endpoint)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('in use')
    expect(server.child.exitCode).toBeNull()
  })

  test('where a port is taken', async () => {
    const { endpoint } = await serve('--endpoint', 'tcp://127.0.0.1:0')
    expect(await rmq('serve', '--endpoint', endpoint)).toMatchObject({ code: 1, stdout: '' })
  })

  test('for a topic that is there twice', async () => {
    const args = ['--endpoint', freshEndpoint(), '--topic', 't:1', '--topic', 't:2']
    expect(await rmq('serve', ...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('"t"') })
  })

  test('for more shared memory than there is, and leaves nothing behind', async () => {
    const endpoint = freshEndpoint()
    const { code, stdout, stderr } = await rmq('serve', '--endpoint', endpoint, '--shm-topic', 'a:b:5:100000')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('"a:b"')
    expect(readdirSync(path.dirname(endpoint.slice('ipc://'.length)))).toEqual([])
  })
})

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
  test('removes the sockets and ends with 0', async () => {
    const { server, endpoint } = await serve('--topic', 't:10')
    const socket = endpoint.slice('ipc://'.length)
    expect(existsSync(socket)).toBe(true)
    expect(await server.end(signal)).toMatchObject({ code: 0, stdout: `listening on ${endpoint}\n`, stderr: '' })
    expect(readdirSync(path.dirname(socket))).toEqual([])
  })
})

test('serves shared memory topics, and removes their memory at the end', async () => {
  const { server, endpoint } = await serve('--shm-topic', 'a:b:5:1', '--topic', 'heap:5')
  const client = await RMQClient.connect('test', endpoint)
  const { access, place, retention } = await client.describe('a:b')
  expect({ access, ...retention }).toMatchObject({ access: 'attached', messageRemainingTimeS: 5, maxBytes: 2 ** 20 })
  await client.close()
  expect(await rmq('put', endpoint, 'a:b', '--data', 'hello')).toMatchObject({ code: 0 })
  expect((await rmq('peek', endpoint, 'a:b', '--raw')).stdout).toBe('hello')
  expect((await rmq('list', endpoint)).stdout).toContain('shared memory')
  expect(existsSync(place!.path)).toBe(true)
  await server.end('SIGINT')
  expect(existsSync(place!.path)).toBe(false)
})

test('takes the place of a server that was killed', async () => {
  const { server, endpoint } = await serve('--topic', 't:10')
  await server.end('SIGKILL')
  const again = await serve('--endpoint', endpoint, '--topic', 't:10')
  expect((await rmq('status', again.endpoint, 't')).stdout).toBe('0\n')
})

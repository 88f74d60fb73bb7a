import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { writeKeyPair } from 'robotmq'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { killAll, rmq } from './support/rmq.ts'
import { freshEndpoint, removeFolders, serve, temporaryFolder } from './support/serve.ts'

afterEach(killAll)
afterAll(removeFolders)

/** Keys made by the command; the public one as it printed it. */
async function keygen() {
  const file = path.join(temporaryFolder(), 'a.key')
  const { code, stdout } = await rmq('keygen', '--out', file)
  expect(code).toBe(0)
  return { file, publicFile: `${file}.pub`, publicKey: stdout.trimEnd() }
}

/** The same without a process. */
function keys() {
  const file = path.join(temporaryFolder(), 'a.key')
  return { file, publicFile: `${file}.pub`, ...writeKeyPair(file) }
}

describe('keygen', () => {
  test('prints the public key, and hides the secret one from others', async () => {
    const { file, publicFile, publicKey } = await keygen()
    expect(publicKey).toMatch(/^\S{40}$/)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(publicFile, 'utf8')).toContain(publicKey)
  })

  test('replaces nothing without --force', async () => {
    const { file, publicKey } = await keygen()
    const before = readFileSync(file, 'utf8')
    const { code, stderr } = await rmq('keygen', '--out', file)
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('force') })
    expect(readFileSync(file, 'utf8')).toBe(before)
    expect(await rmq('keygen', '--out', file, '--force')).toMatchObject({ code: 0 })
    expect(readFileSync(file, 'utf8')).not.toContain(publicKey)
  })
})

describe('serve --key', () => {
  test('serves who is allowed, by key or by file, and tells others why not', async () => {
    const [robot, arm, leg, stranger] = [keys(), keys(), keys(), keys()]
    const allow = ['--allow', arm.publicKey, '--allow', leg.publicFile]
    const { endpoint } = await serve('--topic', 't:10', '--key', robot.file, ...allow)
    const status = (...keys: string[]) => rmq('status', endpoint, 't', '--timeout', '30', ...keys)
    const admitted = await Promise.all([
      status('--server-key', robot.publicKey, '--key', arm.file),
      status('--server-key', robot.publicFile, '--key', leg.file),
    ])
    for (const result of admitted) expect(result).toMatchObject({ code: 0, stdout: '0\n' })
    const refused = await Promise.all([
      status('--server-key', robot.publicFile, '--key', stranger.file),
      status('--server-key', robot.publicFile),
      status(),
    ])
    for (const { code, stdout, stderr } of refused) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain('does not take this client')
    }
  })

  test('refuses a key that others may read, and binds nothing', async () => {
    const { file } = keys()
    chmodSync(file, 0o644)
    const endpoint = freshEndpoint()
    const { code, stderr } = await rmq('serve', '--endpoint', endpoint, '--key', file)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`chmod 600 ${file}`) })
    expect(existsSync(endpoint.slice('ipc://'.length))).toBe(false)
  })

  test('wrong usage', async () => {
    const endpoint = freshEndpoint()
    const usage: [string[], string][] = [
      [['serve', '--endpoint', endpoint, '--allow', 'x'], '--key FILE'],
      [['status', endpoint, 't', '--key', 'x'], '--server-key'],
      [['serve', '--endpoint', endpoint, '--allow-ip', 'robot'], '192.168.1.0/24'],
      [['serve', '--endpoint', endpoint, '--robotmq-clients', 'tcp'], 'ipc'],
    ]
    const results = await Promise.all(usage.map(([args]) => rmq(...args)))
    for (const [index, { code, stderr }] of results.entries()) {
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(usage[index]![1]) })
    }
  })
})

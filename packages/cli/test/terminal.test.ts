import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { killAll, RMQ, Running, rmqWithInput } from './support/rmq.ts'
import { removeFolders, serve } from './support/serve.ts'

const missing = spawnSync('script', ['--version']).status !== 0
if (missing && process.env['RMQ_REQUIRE_ALL'] === '1') throw new Error('No `script`: apt-get install bsdutils.')
const title = `on a terminal${missing ? ' (skipped: apt-get install bsdutils)' : ''}`

describe.skipIf(missing)(title, () => {
  const unsafe = Buffer.from('\u001b[2J\u0007\u0000', 'latin1')
  let E: string

  beforeAll(async () => {
    E = (await serve('--topic', 't:600', '--echo', 'echo')).endpoint
    await rmqWithInput(unsafe, 'put', E, 't')
  })
  afterAll(async () => {
    await killAll()
    removeFolders()
  })

  /** Runs `rmq` with a terminal as its stdout; the terminal makes each line break two characters. */
  async function onTerminal(...args: string[]): Promise<string> {
    const words = [process.execPath, RMQ, ...args].map((word) => `'${word}'`)
    const { stdout } = await new Running('script', ['-qec', words.join(' '), '/dev/null']).exited
    return stdout.replaceAll('\r\n', '\n')
  }

  test('a reply that is text is shown', async () => {
    expect(await onTerminal('request', E, 'echo', '--data', 'two\nlines')).toBe('two\nlines\n')
  })

  test.each([
    ['peek', 't'],
    ['peek', 't', '--json'],
    ['peek', 't', '--decode'],
    ['echo', 't', '--count', '1'],
  ])('%s %s %s shows no control characters', async (command, ...rest) => {
    const shown = await onTerminal(command as string, E, ...rest)
    expect(shown).not.toBe('')
    expect(shown).toMatch(/^[^\p{Cc}]*(\n[^\p{Cc}]*)*$/u)
  })

  test('a reply with control characters is shown as bytes', async () => {
    const words = `printf '\\033[2J' | '${process.execPath}' '${RMQ}' request '${E}' echo`
    const { stdout } = await new Running('script', ['-qec', words, '/dev/null']).exited
    expect(stdout).toContain('1b 5b 32 4a')
    expect(stdout).not.toContain('\u001b')
  })

  test('--raw is raw', async () => {
    expect(await onTerminal('peek', E, 't', '--raw')).toBe(unsafe.toString('latin1'))
  })
})

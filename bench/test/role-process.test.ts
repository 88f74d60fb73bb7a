import { afterEach, describe, expect, it } from 'vitest'
import { RoleProcess } from '../src/role-process.ts'

const ECHO = `
process.stdin.setEncoding('utf8').on('data', (text) => {
  for (const line of text.trim().split('\\n')) {
    const { id, command, value } = JSON.parse(line)
    if (command === 'die') { console.error('out of luck'); process.exit(3) }
    console.log(JSON.stringify(command === 'fail' ? { id, error: 'no' } : { id, result: value }))
  }
})`

let role: RoleProcess | undefined
const start = (script: string) => {
  role = new RoleProcess('the role', process.execPath, ['-e', script])
  return role
}
afterEach(() => role?.close())

describe('a role in a process', () => {
  it('answers commands, several at a time', async () => {
    const echo = start(ECHO)
    const answers = await Promise.all([echo.ask('echo', { value: 1 }), echo.ask('echo', { value: [2] })])
    expect(answers).toEqual([1, [2]])
  })

  it('says what failed', async () => {
    await expect(start(ECHO).ask('fail')).rejects.toThrow('the role: no')
  })

  it('tells the last words of one that died', async () => {
    const echo = start(ECHO)
    const last = 'the role ended by itself (exit code 3)\nout of luck'
    await expect(echo.ask('die')).rejects.toThrow(last)
    await expect(echo.ask('echo')).rejects.toThrow(last)
  })

  it('fails only whom it lets down', async () => {
    const echo = start(ECHO)
    const unheard: unknown[] = []
    const hear = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', hear)
    try {
      const [first, second] = [echo.ask('die'), echo.ask('echo')]
      await expect(second).rejects.toThrow('ended by itself')
      await new Promise((resolve) => setImmediate(resolve))
      expect(unheard).toEqual([])
      await expect(first).rejects.toThrow('ended by itself')
    } finally {
      process.off('unhandledRejection', hear)
    }
  })

  it('is killed when it does not end by itself', async () => {
    const stubborn = start('process.stdin.resume(); setInterval(() => {}, 1000)')
    await stubborn.close()
    expect(() => process.kill(stubborn.pid!, 0)).toThrow()
  })

  it('rejects what cannot be started', async () => {
    const missing = new RoleProcess('the role', '/no/such/program', [])
    await expect(missing.ask('echo')).rejects.toThrow('cannot be started')
    await missing.close()
  })
})

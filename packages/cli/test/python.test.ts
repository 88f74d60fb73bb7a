import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPython, startPythonServer } from './support/python-server.ts'
import { killAll, type Running, rmq, startRmq } from './support/rmq.ts'
import { removeFolders } from './support/serve.ts'

describeWithPython('towards an original robotmq server', () => {
  let E: string
  let server: Running

  beforeAll(async () => {
    const started = await startPythonServer()
    E = started.endpoint
    server = started.server
  })
  afterAll(async () => {
    await killAll()
    removeFolders()
  })

  test('put, status, peek and pop', async () => {
    expect(await rmq('put', E, 'put', '--data', 'one')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    await rmq('put', E, 'put', '--data', 'two', '--count', '2')
    expect((await rmq('status', E, 'put')).stdout).toBe('3\n')
    expect((await rmq('peek', E, 'put', '-n', '2', '--raw')).stdout).toBe('onetwo')
    expect((await rmq('peek', E, 'put')).stdout).toMatch(/^#- .*"two"\n$/)
    const messages = JSON.parse((await rmq('pop', E, 'put', '-n', '0', '--json')).stdout)
    expect(messages).toHaveLength(3)
    expect(messages[0]).toMatchObject({ topic: 'put', sequence: null, data: Buffer.from('one').toString('base64') })
    expect((await rmq('status', E, 'put')).stdout).toBe('0\n')
  })

  test('peek --decode shows what numpy made', async () => {
    const { stdout } = await rmq('peek', E, 'value', '--decode')
    expect(stdout).toContain('image: uint8 [4, 3] 0, 0, 0, 0, 0, 0, …')
    expect(stdout).toContain('joints: float64 [3] 0, 0.5, 1')
    const [message] = JSON.parse((await rmq('peek', E, 'value', '--decode', '--json')).stdout)
    expect(message.value.joints).toEqual({ dtype: 'float64', shape: [3], values: [0, 0.5, 1] })
  })

  test('request', async () => {
    expect(await rmq('request', E, 'reversed', '--data', 'abc')).toMatchObject({ code: 0, stdout: 'cba' })
  })

  test('echo misses nothing, although the records have no sequence', async () => {
    const { code, stdout } = await rmq('echo', E, 'stream', '--json', '--count', '300')
    const numbers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => Number(Buffer.from(JSON.parse(line).data, 'base64').toString()))
    expect(code).toBe(0)
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] as number) + index))
    expect(numbers).toHaveLength(300)
  })

  test('unknown topics end with 1', async () => {
    expect(await rmq('status', E, 'nope')).toMatchObject({ code: 1, stdout: '-1\n' })
    expect(await rmq('peek', E, 'nope')).toMatchObject({ code: 1, stderr: expect.stringContaining('nope') })
  })

  test('list ends with 1 and says why', async () => {
    const { code, stdout, stderr } = await rmq('list', E)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/robotmq/)
  })

  test('echo ends with 3 when the server is killed', async () => {
    const echo = startRmq('echo', E, 'stream', '--timeout', '1')
    await echo.until(({ stdout }) => stdout.includes('\n'))
    await server.end('SIGKILL')
    expect(await echo.exited).toMatchObject({ code: 3 })
  })
})

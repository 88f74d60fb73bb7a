import { serialize } from 'robotmq'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killAll, rmq, rmqWithInput, startRmq } from './support/rmq.ts'
import { removeFolders, type Served, serve } from './support/serve.ts'

let served: Served
let E: string

beforeEach(async () => {
  served = await serve('--topic', 't:60')
  E = served.endpoint
})
afterEach(killAll)
afterAll(removeFolders)

interface Line {
  readonly sequence: number
  readonly lostBefore: number
  readonly epoch: string
  readonly data: string
}

function lines(stdout: string): Line[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('begins with the newest record and shows each one that comes, once', async () => {
  await rmq('put', E, 't', '--data', 'old', '--count', '3')
  const echo = startRmq('echo', E, 't')
  await echo.until(({ stdout }) => stdout.includes('#3'))
  await rmq('put', E, 't', '--data', 'new', '--count', '2')
  await echo.until(({ stdout }) => stdout.includes('#5'))
  const { code, stdout, stderr } = await echo.end('SIGINT')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.match(/^#\d+/gm)).toEqual(['#3', '#4', '#5'])
})

test('misses nothing of a fast producer, and --count ends it', async () => {
  const putting = startRmq('put', E, 't', '--data', 'x', '--rate', '2000')
  const { code, stdout } = await rmq('echo', E, 't', '--json', '--count', '2000')
  await putting.end('SIGINT')
  const all = lines(stdout)
  expect({ code, length: all.length }).toEqual({ code: 0, length: 2000 })
  const first = all[0]?.sequence as number
  expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => first + index))
  expect(all.every(({ lostBefore }) => lostBefore === 0)).toBe(true)
})

test('tells what was popped before it could be read', async () => {
  const echo = startRmq('echo', E, 't', '--json')
  await rmq('put', E, 't', '--data', 'x')
  await echo.until(({ stdout }) => stdout.includes('"sequence":1'))
  echo.child.kill('SIGSTOP')
  await rmq('put', E, 't', '--data', 'y', '--count', '5')
  await rmq('pop', E, 't', '-n', '4')
  echo.child.kill('SIGCONT')
  await echo.until(({ stdout }) => stdout.includes('"sequence":6'))
  const { stdout, stderr } = await echo.end('SIGTERM')
  expect(lines(stdout).map(({ sequence, lostBefore }) => [sequence, lostBefore])).toEqual([
    [1, 0],
    [5, 3],
    [6, 0],
  ])
  expect(stderr).toContain('lost 3 records before #5')
})

test('goes on after a restart of the server', async () => {
  const echo = startRmq('echo', E, 't', '--json', '--timeout', '20')
  await rmq('put', E, 't', '--data', 'before', '--count', '3')
  await echo.until(({ stdout }) => stdout.includes('"sequence":3'))
  await served.server.end('SIGKILL')
  await serve('--endpoint', E, '--topic', 't:60')
  await rmq('put', E, 't', '--data', 'after', '--count', '2')
  await echo.until(({ stdout }) => /"sequence":3.*"sequence":2/s.test(stdout))
  const all = lines((await echo.end('SIGINT')).stdout)
  expect(all.slice(-2).map(({ sequence, lostBefore }) => [sequence, lostBefore])).toEqual([
    [1, 0],
    [2, 0],
  ])
  expect(new Set(all.map(({ epoch }) => epoch)).size).toBe(2)
})

describe('--decode', () => {
  const value = { frameId: 7, joints: [0.5, 1], note: 'a\u001b[2Jb', big: 2n ** 60n }

  test('shows values, and what cannot be decoded as bytes', async () => {
    await rmqWithInput(serialize(value), 'put', E, 't')
    const echo = startRmq('echo', E, 't', '--decode', '--count', '2')
    await echo.until(({ stdout }) => stdout.includes('}'))
    await rmq('put', E, 't', '--data', 'plain')
    const { code, stdout, stderr } = await echo.exited
    expect(code).toBe(0)
    expect(stdout).toContain('frameId: 7')
    expect(stdout).toContain('joints: [ 0.5, 1 ]')
    expect(stdout).toContain("note: 'a\\x1B[2Jb'")
    expect(stdout).toContain('"plain"')
    expect(stderr).toMatch(/Record 2 of topic "t" cannot be decoded/)
  })

  test('--json prints the value in place of the bytes', async () => {
    await rmqWithInput(serialize(value), 'put', E, 't')
    const { stdout } = await rmq('echo', E, 't', '--decode', '--json', '--count', '1')
    const [line] = lines(stdout)
    expect(line).not.toHaveProperty('data')
    expect(line).toMatchObject({ value: { ...value, big: String(2n ** 60n) } })
  })
})

test('--raw writes the bytes', async () => {
  await rmqWithInput(new Uint8Array([0, 255, 10]), 'put', E, 't')
  expect([...(await rmq('echo', E, 't', '--raw', '--count', '1')).bytes]).toEqual([0, 255, 10])
})

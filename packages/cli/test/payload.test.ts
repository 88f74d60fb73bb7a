import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killAll, RMQ, Running, rmq, rmqWithInput, startRmq } from './support/rmq.ts'
import { removeFolders, serve, temporaryFolder } from './support/serve.ts'

let E: string

beforeEach(async () => {
  E = (await serve('--topic', 't:60', '--echo', 'echo')).endpoint
})
afterEach(killAll)
afterAll(removeFolders)

/** Larger than any buffer of a pipe, and no text. */
const frame = randomBytes(3_000_001)

async function records(): Promise<{ sequence: number; timestampS: number; data: string }[]> {
  return JSON.parse((await rmq('peek', E, 't', '-n', '0', '--json')).stdout)
}

describe('put', () => {
  test('takes the payload from --data, from --file, and from stdin', async () => {
    const file = `${temporaryFolder()}/frame`
    writeFileSync(file, frame)
    expect(await rmq('put', E, 't', '--data', 'grüße')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect((await rmq('peek', E, 't', '--raw')).stdout).toBe('grüße')
    expect(await rmq('put', E, 't', '--file', file)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect((await rmq('peek', E, 't', '--raw')).bytes.equals(frame)).toBe(true)
    expect(await rmqWithInput(frame.subarray(1), 'put', E, 't')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect((await rmq('peek', E, 't', '--raw')).bytes.equals(frame.subarray(1))).toBe(true)
    const substituted = `'${process.execPath}' '${RMQ}' put '${E}' t --file <(echo one; echo two)`
    expect(await new Running('bash', ['-c', substituted]).exited).toMatchObject({ code: 0, stderr: '' })
    expect((await rmq('peek', E, 't', '--raw')).stdout).toBe('one\ntwo\n')
    await rmqWithInput('dash', 'put', E, 't', '--file', '-')
    expect((await rmq('peek', E, 't', '--raw')).stdout).toBe('dash')
  })

  test('--count puts as fast as the server takes it', async () => {
    const { code, stdout, stderr } = await rmq('put', E, 't', '--data', 'x', '--count', '200')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toContain('Put 200 records on "t"')
    expect((await rmq('status', E, 't')).stdout).toBe('200\n')
  })

  test('--rate with --count keeps the rate on average', async () => {
    expect(await rmq('put', E, 't', '--data', 'x', '--rate', '100', '--count', '60')).toMatchObject({ code: 0 })
    const all = await records()
    expect(all.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
    const durationS = (all.at(-1)?.timestampS as number) - (all[0]?.timestampS as number)
    expect(durationS).toBeGreaterThan(0.5)
    expect(durationS).toBeLessThan(3)
  })

  test('--rate alone goes on until Ctrl-C, which is success', async () => {
    const putting = startRmq('put', E, 't', '--data', 'x', '--rate', '200')
    await startRmq('echo', E, 't', '--count', '20').exited
    const { code, stdout, stderr } = await putting.end('SIGINT')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const { length } = await records()
    expect(stderr).toContain(`Put ${length} records`)
  })

  test('a count that Ctrl-C cuts short is no success', async () => {
    const putting = startRmq('put', E, 't', '--data', 'x', '--rate', '100', '--count', '100000')
    await startRmq('echo', E, 't', '--count', '5').exited
    expect(await putting.end('SIGINT')).toMatchObject({ code: 130 })
  })
})

describe('request', () => {
  test('writes the bytes of the reply', async () => {
    expect(await rmq('request', E, 'echo', '--data', 'ping')).toMatchObject({ code: 0, stdout: 'ping', stderr: '' })
    const { code, bytes } = await rmqWithInput(frame, 'request', E, 'echo')
    expect({ code, same: bytes.equals(frame) }).toEqual({ code: 0, same: true })
  })

  test('--json prints an object with the reply in base64', async () => {
    const { stdout } = await rmq('request', E, 'echo', '--data', 'ping', '--json')
    expect(JSON.parse(stdout)).toEqual({ topic: 'echo', data: Buffer.from('ping').toString('base64') })
  })

  test('that nobody answers ends with 3', async () => {
    const { code, stdout, stderr } = await rmq('request', E, 't', '--data', 'ping', '--timeout', '0.5')
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain('no answer within 0.5 s')
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { killAll, rmq } from './support/rmq.ts'
import { freshEndpoint, removeFolders, serve } from './support/serve.ts'

let E: string

beforeAll(async () => {
  E = (await serve('--topic', 'feed:1:600', '--topic', 'popped:600', '--topic', 'empty:600')).endpoint
  for (const topic of ['feed:1', 'popped']) {
    for (const text of ['one', 'two', 'three']) await rmq('put', E, topic, '--data', text)
  }
})
afterAll(async () => {
  await killAll()
  removeFolders()
})

function texts(json: string): string[] {
  return JSON.parse(json).map(({ data }: { data: string }) => Buffer.from(data, 'base64').toString())
}

describe('peek', () => {
  test('shows the newest record on a line, and leaves it there', async () => {
    for (let round = 0; round < 2; round++) {
      const { code, stdout, stderr } = await rmq('peek', E, 'feed:1')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/^#3 +\d+\.\d{6} s +age [\d.]+ s +5 B {2}"three"\n$/)
    }
  })

  test.each([
    ['-1', ['three']],
    ['-2', ['two', 'three']],
    ['0', ['one', 'two', 'three']],
    ['2', ['one', 'two']],
    ['9', ['one', 'two', 'three']],
  ])('-n %s', async (n, expected) => {
    expect(texts((await rmq('peek', E, 'feed:1', '-n', n, '--json')).stdout)).toEqual(expected)
  })

  test('--json prints an array of messages', async () => {
    const [message, ...others] = JSON.parse((await rmq('peek', E, 'feed:1', '--json')).stdout)
    expect(others).toEqual([])
    expect(message).toEqual({
      topic: 'feed:1',
      epoch: expect.stringMatching(/^.+$/),
      sequence: 3,
      timestampS: expect.any(Number),
      ageS: expect.any(Number),
      lostBefore: 0,
      data: Buffer.from('three').toString('base64'),
    })
    expect(message.ageS).toBeGreaterThan(0)
    expect(message.ageS).toBeLessThan(600)
  })

  test('--raw writes nothing but the bytes', async () => {
    expect((await rmq('peek', E, 'feed:1', '-n', '-2', '--raw')).stdout).toBe('twothree')
  })

  test('of an empty topic shows nothing, and an empty array', async () => {
    expect(await rmq('peek', E, 'empty')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await rmq('peek', E, 'empty', '--json')).toMatchObject({ code: 0, stdout: '[]\n' })
  })
})

test('pop takes the oldest record, or as many as it is told', async () => {
  expect((await rmq('pop', E, 'popped', '--raw')).stdout).toBe('one')
  expect((await rmq('status', E, 'popped')).stdout).toBe('2\n')
  expect(texts((await rmq('pop', E, 'popped', '-n', '-1', '--json')).stdout)).toEqual(['three'])
  expect((await rmq('pop', E, 'popped')).stdout).toMatch(/^#2 .*"two"\n$/)
  expect(await rmq('pop', E, 'popped', '-n', '0', '--json')).toMatchObject({ code: 0, stdout: '[]\n' })
})

describe('status', () => {
  test('prints the count', async () => {
    expect(await rmq('status', E, 'feed:1')).toMatchObject({ code: 0, stdout: '3\n', stderr: '' })
    const json = await rmq('status', E, 'feed:1', '--json')
    expect(JSON.parse(json.stdout)).toEqual({ topic: 'feed:1', count: 3 })
  })

  test('prints -1 and ends with 1 where there is no such topic', async () => {
    expect(await rmq('status', E, 'nope')).toMatchObject({
      code: 1,
      stdout: '-1\n',
      stderr: expect.stringContaining('nope'),
    })
    const json = await rmq('status', E, 'nope', '--json')
    expect({ code: json.code, ...JSON.parse(json.stdout) }).toEqual({ code: 1, topic: 'nope', count: -1 })
  })

  test('prints -2 and ends with 3 where no server answers', async () => {
    const args = ['status', freshEndpoint(), 't', '--timeout', '0.2']
    expect(await rmq(...args)).toMatchObject({
      code: 3,
      stdout: '-2\n',
      stderr: expect.stringContaining('is it running'),
    })
    expect(JSON.parse((await rmq(...args, '--json')).stdout)).toEqual({ topic: 't', count: -2 })
  })
})

describe('list', () => {
  test('shows a table', async () => {
    const { code, stdout, stderr } = await rmq('list', E)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^NAME +KIND +COUNT +BYTES +RATE +AGE +DROPS$/)
    expect(rows).toEqual([
      expect.stringMatching(/^empty +heap +0 +0 B +0\.0 Hz +- +0$/),
      expect.stringMatching(/^feed:1 +heap +3 +11 B +[\d.]+ Hz +[\d.]+ s +0$/),
      expect.stringMatching(/^popped /),
    ])
  })

  test('--json prints every counter', async () => {
    const [empty, feed] = JSON.parse((await rmq('list', E, '--json')).stdout)
    expect(empty.topic).toBe('empty')
    expect(empty).not.toHaveProperty('newestAgeS')
    expect(feed).toMatchObject({
      topic: 'feed:1',
      kind: 'heap',
      count: 3,
      bytes: 11,
      published: 3,
      publishedBytes: 11,
      rateHz: expect.any(Number),
      expired: 0,
      evicted: 0,
      popped: 0,
      rejected: 0,
      newestAgeS: expect.any(Number),
    })
  })
})

test.each([['peek'], ['pop'], ['echo'], ['put', '--data', 'x'], ['request', '--data', 'x']])(
  '%s of an unknown topic ends with 1',
  async (command, ...options) => {
    const { code, stdout, stderr } = await rmq(command as string, E, 'nope', ...options)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('"nope"')
  },
)

test.each([
  ['list'],
  ['peek', 't'],
  ['pop', 't'],
  ['echo', 't'],
  ['put', 't', '--data', 'x'],
  ['request', 't', '--data', 'x'],
])('%s ends with 3 where no server answers', async (command, ...rest) => {
  const { code, stdout, stderr } = await rmq(command as string, freshEndpoint(), ...rest, '--timeout', '0.2')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toContain('is it running')
})

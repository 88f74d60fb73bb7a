import { expect, test } from 'vitest'
import { RequestTable } from '../src/request-table.ts'

const key = (request: number, floor = 1, client = 'a', server = 's') => ({ client, request, floor, server })

function table(options: Partial<ConstructorParameters<typeof RequestTable>[0]> = {}) {
  const clock = { nowS: 0 }
  const made = new RequestTable({ server: 's', nowS: () => clock.nowS, ...options })
  let runs = 0
  const run = (
    k: ReturnType<typeof key>,
    work: () => Promise<unknown> = async () => `reply ${k.request}`,
    bytes = 1,
  ) => {
    try {
      return made.run(
        k,
        () => {
          runs += 1
          return work()
        },
        () => bytes,
      )
    } catch (error) {
      return Promise.reject(error)
    }
  }
  return { run, clock, runs: () => runs }
}

test('a retry of a finished call gets its reply, of a running one waits for it; each runs once', async () => {
  const { run, runs } = table()
  let finish: (reply: string) => void = () => {}
  const first = run(key(1), () => new Promise((resolve) => (finish = resolve)))
  const retry = run(key(1))
  finish('done')
  expect(await first).toBe('done')
  expect(await retry).toBe('done')
  expect(await run(key(1))).toBe('done')
  expect(runs()).toBe(1)
})

test('a failure is a reply too', async () => {
  const { run, runs } = table()
  await expect(run(key(1), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(run(key(1))).rejects.toThrow('no')
  expect(runs()).toBe(1)
})

test('below the floor nothing runs: the client has moved on', async () => {
  const { run, runs } = table()
  await run(key(1))
  await run(key(2, 2))
  await expect(run(key(1))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(runs()).toBe(2)
})

test('clients do not see each other', async () => {
  const { run, runs } = table()
  await run(key(1, 1, 'a'))
  await run(key(1, 1, 'b'))
  expect(runs()).toBe(2)
})

test('a key of another run of the server is refused', async () => {
  const { run, runs } = table()
  await expect(run(key(1, 1, 'a', 'earlier'))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(runs()).toBe(0)
})

test('after its time or beyond its bytes a reply is gone, and the retry refused, not run', async () => {
  const { run, runs, clock } = table({ replyKeepS: 10, replyKeepBytes: 100 })
  await run(key(1))
  clock.nowS = 11
  await expect(run(key(1))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  await run(key(2), async () => 'a', 60)
  await run(key(3), async () => 'b', 60)
  await expect(run(key(2))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(await run(key(3))).toBe('b')
  expect(runs()).toBe(3)
})

test('a client with too many pending calls is refused, others are not', async () => {
  const { run } = table({ maxCallsPerClient: 2 })
  const never = () => new Promise(() => {})
  void run(key(1), never)
  void run(key(2), never)
  await expect(run(key(3))).rejects.toMatchObject({ code: 'NO_SPACE' })
  expect(await run(key(1, 1, 'b'))).toBe('reply 1')
})

test('one call that stays pending does not hold up the others of its client, whose memory stays bounded', async () => {
  const { run, runs, clock } = table({ maxCallsPerClient: 10, replyKeepS: 5 })
  let finish: (reply: string) => void = () => {}
  const pending = run(key(1), () => new Promise((resolve) => (finish = resolve)))
  for (let request = 2; request <= 500; request++) expect(await run(key(request))).toBe(`reply ${request}`)
  // The newest replies are kept; of the others it is known that they ran.
  expect(await run(key(495))).toBe('reply 495')
  await expect(run(key(100))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  clock.nowS = 6
  await expect(run(key(500))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(await run(key(501))).toBe('reply 501')
  expect(runs()).toBe(501)
  const retry = run(key(1))
  finish('late')
  expect(await Promise.all([pending, retry])).toEqual(['late', 'late'])
  expect(await run(key(502, 502))).toBe('reply 502')
  await expect(run(key(300, 1))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
})

test('the client that was silent longest is forgotten first, one with running calls never', async () => {
  const { run, runs } = table({ maxClients: 2 })
  let finish: (reply: string) => void = () => {}
  const running = run(key(1, 1, 'busy'), () => new Promise((resolve) => (finish = resolve)))
  await run(key(1, 1, 'a'))
  await run(key(1, 1, 'b'))
  const retry = run(key(1, 1, 'busy'))
  finish('once')
  expect(await Promise.all([running, retry])).toEqual(['once', 'once'])
  expect(runs()).toBe(3)
})

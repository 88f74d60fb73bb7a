import {
  type AbandonedJob,
  heapHome,
  inProcessTransport,
  LocalEngine,
  type PipelineOptions,
  RMQClient,
  RMQLogLevel,
  RMQServer,
} from '@rmq/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Ask, decodeJoined, encodeAsk, encodeJoin, Told } from '../src/pipeline/messages.ts'

const logLevel = RMQLogLevel.OFF
const bytes = (...values: number[]) => new Uint8Array(values)
const never = () => new Promise<Uint8Array>(() => {})

/** A place where a server may be started again. */
function place() {
  const transports = [inProcessTransport()]
  return {
    async serve(options: PipelineOptions = {}) {
      const engine = new LocalEngine({ homes: [heapHome()], transports })
      const server = await RMQServer.bind('test', 'inproc://test', { engine, logLevel })
      onTestFinished(() => server.close())
      return { server, jobs: server.addPipeline('jobs', options) }
    },
    async connect(name = 'worker') {
      const client = await RMQClient.connect(name, 'inproc://test', { transports, logLevel })
      onTestFinished(() => client.close())
      return client
    },
  }
}

async function pipeline(options: PipelineOptions = {}) {
  const { serve, connect } = place()
  return { ...(await serve(options)), connect }
}

test('each job goes to exactly one worker, and its result to whoever put it', async () => {
  const { jobs, connect } = await pipeline()
  const seen: number[][] = [[], []]
  const workers = await Promise.all(
    seen.map(async (mine) => {
      const client = await connect()
      return client.work('jobs', async ([value]) => {
        mine.push(value!)
        await Promise.resolve()
        return bytes(value! * 2)
      })
    }),
  )
  const values = Array.from({ length: 40 }, (_, index) => index)
  const put = values.map((value) => jobs.putNowait(bytes(value)))
  expect(put.map(({ id }) => id)).toEqual(values.map((value) => value + 1))
  const results = await Promise.all(put.map(({ result }) => result))
  expect(results.map(([value]) => value)).toEqual(values.map((value) => value * 2))
  expect(seen.flat().sort((a, b) => a - b)).toEqual(values)
  expect(seen.every((mine) => mine.length > 10)).toBe(true)
  await Promise.all(workers.map((worker) => worker.close()))
  expect(jobs.counts).toMatchObject({ put: 40, waiting: 0, working: 0, done: 40, again: 0, workers: 0, lostWorkers: 0 })
})

test('clients put jobs by a request, which is answered with the result', async () => {
  const { server, jobs, connect } = await pipeline()
  server.addTopic('double', { messageRemainingTimeS: 1 })
  server.onRequest('double', async (request, { signal }) => (await jobs.put(request, { signal })).result)
  const [worker, client] = [await connect(), await connect('client')]
  worker.work('jobs', async ([value]) => bytes(value! * 2), { concurrency: 3 })
  const answers = await Promise.all([1, 2, 3, 4].map((value) => client.requestWithData('double', bytes(value))))
  expect(answers.map(([value]) => value)).toEqual([2, 4, 6, 8])
})

test('many jobs at a time are no reason for a warning', async () => {
  const warnings: string[] = []
  const onWarning = ({ message }: Error) => void warnings.push(message)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const { jobs, connect } = await pipeline()
  const client = await connect()
  let most = 0
  let now = 0
  const worker = client.work(
    'jobs',
    async () => {
      most = Math.max(most, ++now)
      await new Promise(setImmediate)
      now -= 1
    },
    { concurrency: 64 },
  )
  await Promise.all(Array.from({ length: 500 }, () => jobs.putNowait(bytes(1)).result))
  await worker.close()
  expect([warnings, most]).toEqual([[], 64])
})

test('what a handler throws, or returns that is not bytes, fails its job and no other', async () => {
  const { jobs, connect } = await pipeline()
  const client = await connect()
  client.work('jobs', ([value]) => {
    if (value === 1) throw new Error('too heavy')
    if (value === 2) return 'text' as never
    return undefined
  })
  const [heavy, text, nothing] = [1, 2, 3].map((value) => jobs.putNowait(bytes(value)).result)
  await expect(heavy).rejects.toMatchObject({ code: 'REQUEST_FAILED', message: 'too heavy' })
  await expect(text).rejects.toMatchObject({
    code: 'REQUEST_FAILED',
    message: expect.stringContaining('must be bytes'),
  })
  expect(await nothing).toEqual(bytes())
  expect(jobs.counts).toMatchObject({ put: 3, done: 1, failed: 2 })
})

test('the room is bounded: putNowait is refused, put waits for its turn', async () => {
  const { jobs, connect } = await pipeline({ maxJobs: 2, maxBytes: 100 })
  const own = bytes(1)
  jobs.putNowait(own)
  own[0] = 9
  jobs.putNowait(bytes(2))
  expect(() => jobs.putNowait(bytes(3))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
  await expect(jobs.put(bytes(3), { timeoutS: 0.01 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  await expect(jobs.put(bytes(3), { signal: AbortSignal.abort('no') })).rejects.toBe('no')
  await expect(jobs.put(new Uint8Array(101))).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' })
  await expect(jobs.put(bytes())).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  const stop = new AbortController()
  const large = jobs.put(new Uint8Array(100), { signal: stop.signal })
  const small = [jobs.put(bytes(4)), jobs.put(bytes(5))]
  const seen: number[] = []
  const client = await connect()
  client.work('jobs', async ([value]) => {
    seen.push(value!)
  })
  // The large one needs all the room, and then the small ones behind it get it.
  await (await large).result
  await Promise.all((await Promise.all(small)).map(({ result }) => result))
  expect(seen).toEqual([1, 2, 0, 4, 5])
})

test('who gives up waiting for room makes way for those behind', async () => {
  const { jobs } = await pipeline({ maxJobs: 10, maxBytes: 10 })
  jobs.putNowait(bytes(1))
  const stop = new AbortController()
  const large = jobs.put(new Uint8Array(10), { signal: stop.signal })
  const small = jobs.put(bytes(2))
  expect(() => jobs.putNowait(bytes(3))).toThrow(/wait for room/)
  stop.abort('enough')
  await expect(large).rejects.toBe('enough')
  expect((await small).id).toBe(2)
})

test('a job whose worker goes away is given to the next, before the others', async () => {
  const { jobs, connect } = await pipeline()
  const leaving = await connect()
  const stop = new AbortController()
  const started = vi.fn(never)
  leaving.work('jobs', started, { signal: stop.signal })
  const all = [1, 2, 3].map((value) => jobs.putNowait(bytes(value)))
  await expect.poll(() => started.mock.calls.length).toBe(1)
  const [, context] = started.mock.calls[0] as unknown as [Uint8Array, { signal: AbortSignal; attempt: number }]
  expect(context).toMatchObject({ id: 1, attempt: 1 })
  stop.abort('leaving')
  expect(context.signal.aborted).toBe(true)
  await expect.poll(() => jobs.counts.lostWorkers).toBe(1)
  const seen: number[][] = []
  const staying = await connect()
  staying.work('jobs', (data, { attempt }) => {
    seen.push([data[0]!, attempt])
    return data
  })
  await Promise.all(all.map(({ result }) => result))
  expect(seen.map((pair) => pair.join())).toEqual(['1,2', '2,1', '3,1'])
  expect(jobs.counts).toMatchObject({ done: 3, again: 1, abandoned: 0, working: 0 })
})

test('with one attempt, and after the last, a job is abandoned, counted and told', async () => {
  const abandoned: AbandonedJob[] = []
  const { jobs, connect } = await pipeline({ attempts: 2, maxJobs: 1, onAbandoned: (job) => abandoned.push(job) })
  const { result } = jobs.putNowait(bytes(7))
  const next = jobs.put(bytes(8))
  for (const lost of [1, 2]) {
    const client = await connect()
    const stop = new AbortController()
    client.work('jobs', never, { signal: stop.signal })
    await expect.poll(() => jobs.counts.working).toBe(1)
    stop.abort()
    await expect.poll(() => jobs.counts.lostWorkers).toBe(lost)
  }
  await expect(result).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN', message: expect.stringMatching(/2 workers/) })
  expect(abandoned).toEqual([{ id: 1, data: bytes(7), attempts: 2 }])
  // There is room again.
  await next
  expect(jobs.counts).toMatchObject({ put: 2, waiting: 1, working: 0, abandoned: 1, again: 1 })
})

test('close lets a worker finish what it has, and takes no more', async () => {
  const { jobs, connect } = await pipeline()
  const client = await connect()
  let finish: () => void = () => {}
  const worker = client.work('jobs', (data) => new Promise((resolve) => (finish = () => resolve(data))), {
    concurrency: 1,
  })
  const [first, second] = [1, 2].map((value) => jobs.putNowait(bytes(value)))
  await expect.poll(() => jobs.counts.working).toBe(1)
  const closed = worker.close()
  finish()
  expect(await first!.result).toEqual(bytes(1))
  await closed
  await worker.close()
  expect(jobs.counts).toMatchObject({ workers: 0, lostWorkers: 0, waiting: 1, done: 1 })
  const idle = client.work('jobs', () => bytes(3), { concurrency: 3 })
  expect(await second!.result).toEqual(bytes(3))
  await idle.close()
  const never = client.work('jobs', () => undefined)
  await never.close()
  await expect.poll(() => jobs.counts.workers).toBe(0)
})

test('a silent worker is given up; what it says later no longer counts', async () => {
  const { jobs, connect } = await pipeline({ workerTimeoutS: 0.4 })
  const client = await connect()
  const { result } = jobs.putNowait(bytes(1))
  const { worker, timeoutS } = decodeJoined(await client.requestWithData('jobs', encodeJoin()))
  expect(timeoutS).toBe(0.4)
  const ask = (kind: number, job = 0) => client.requestWithData('jobs', encodeAsk(kind, worker, job, bytes(9)))
  expect((await ask(Ask.TAKE))[0]).toBe(Told.JOB)
  await expect(ask(Ask.DONE, 2)).rejects.toMatchObject({ code: 'REQUEST_FAILED' })
  await expect(ask(77)).rejects.toMatchObject({ code: 'REQUEST_FAILED' })
  await expect(client.requestWithData('jobs', bytes(9, 9))).rejects.toMatchObject({ code: 'REQUEST_FAILED' })
  await expect.poll(() => jobs.counts.lostWorkers).toBe(1)
  expect(await ask(Ask.DONE, 1)).toEqual(bytes(Told.GIVEN_UP))
  // One that is idle for long is not silent.
  const idle = client.work('jobs', (data) => data)
  expect(await result).toEqual(bytes(1))
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(jobs.counts).toMatchObject({ workers: 1, lostWorkers: 1, again: 1, done: 1 })
  await idle.close()
})

test('a worker joins the next run of its server; results of the one before are told to be lost', async () => {
  const { serve, connect } = place()
  const first = await serve({ workerTimeoutS: 1 })
  const client = await connect()
  const started = vi.fn((data: Uint8Array) => (data[0] === 1 ? never() : data))
  const worker = client.work('jobs', (data, { signal }) =>
    Promise.race([started(data), new Promise<never>((_, reject) => signal.addEventListener('abort', reject))]),
  )
  const { result } = first.jobs.putNowait(bytes(1))
  await expect.poll(() => started.mock.calls.length).toBe(1)
  await first.server.close()
  await expect(result).rejects.toMatchObject({ code: 'CLOSED' })
  expect(() => first.jobs.putNowait(bytes(1))).toThrow(/closed/)
  const second = await serve()
  expect(await second.jobs.putNowait(bytes(2)).result).toEqual(bytes(2))
  await client.close()
  await worker.done
})

test('a topic that is no pipeline, or is not there, ends the worker; so does its client', async () => {
  const { server, jobs, connect } = await pipeline()
  const client = await connect()
  expect(() => server.addPipeline('jobs')).toThrow(expect.objectContaining({ code: 'TOPIC_EXISTS' }))
  expect(() => server.addPipeline('other', { attempts: 0 })).toThrow(/attempts/)
  expect(() => client.work('jobs', () => undefined, { concurrency: 0 })).toThrow(/concurrency/)
  await expect(client.work('none', () => undefined).done).rejects.toMatchObject({ code: 'TOPIC_NOT_FOUND' })
  server.addTopic('echo', { messageRemainingTimeS: 1 })
  server.onRequest('echo', (request) => request)
  await expect(client.work('echo', () => undefined).done).rejects.toMatchObject({ code: 'MALFORMED_MESSAGE' })
  const worker = client.work('jobs', () => undefined)
  await expect.poll(() => jobs.counts.workers).toBe(1)
  await client.close()
  await worker.done
})

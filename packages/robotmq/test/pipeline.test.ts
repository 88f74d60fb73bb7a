import { FaultProxy } from '@rmq/faults'
import { type AbandonedJob, type PipelineOptions, RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { expect, onTestFinished, test } from 'vitest'
import { Child } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { until } from './support/until.ts'

const logLevel = RMQLogLevel.OFF

async function serve(scheme: 'ipc' | 'tcp', options: PipelineOptions = {}) {
  const server = await RMQServer.bind('server', await freshEndpoint(scheme), { logLevel })
  onTestFinished(() => server.close())
  return { endpoint: server.endpoints[0]!, jobs: server.addPipeline('jobs', options) }
}

async function work(endpoint: string): Promise<Child> {
  const worker = new Child('worker.mjs', [endpoint])
  onTestFinished(() => worker.kill())
  await worker.line('joined')
  return worker
}

/** A worker in this process, which takes no time. */
async function workHere(endpoint: string, concurrency = 1) {
  const client = await RMQClient.connect('here', endpoint, { logLevel })
  onTestFinished(() => client.close())
  const seen: string[] = []
  const worker = client.work(
    'jobs',
    async (data, { attempt }) => {
      seen.push(`${numberOf(data)} ${attempt}`)
      return data.slice(0, 4)
    },
    { concurrency },
  )
  return { client, seen, worker }
}

function job(number: number, takesMs = 0): Uint8Array {
  const data = new Uint8Array(8)
  const view = new DataView(data.buffer)
  view.setUint32(0, number)
  view.setUint32(4, takesMs)
  return data
}

const numberOf = (result: Uint8Array) => new DataView(result.buffer, result.byteOffset).getUint32(0)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

test('the job of a worker that is killed is done by another one', async () => {
  const { endpoint, jobs } = await serve('tcp')
  const killed = await work(endpoint)
  const first = jobs.putNowait(job(1000, 100_000))
  await killed.line('began 1000 1')
  const { seen } = await workHere(endpoint)
  const rest = upTo(50).map((number) => jobs.putNowait(job(number)).result)
  expect((await Promise.all(rest)).map(numberOf)).toEqual(upTo(50))
  await killed.kill()
  const killedAtMs = performance.now()
  expect(numberOf(await first.result)).toBe(1000)
  expect(performance.now() - killedAtMs).toBeLessThan(4000)
  expect(seen).toEqual([...upTo(50).map((number) => `${number} 1`), '1000 2'])
  expect(jobs.counts).toMatchObject({ put: 51, working: 0, waiting: 0, done: 51, again: 1, lostWorkers: 1, workers: 1 })
})

test('where no job may be given twice, that of a killed worker is reported', async () => {
  const abandoned: AbandonedJob[] = []
  const { endpoint, jobs } = await serve('ipc', { attempts: 1, onAbandoned: (lost) => abandoned.push(lost) })
  const killed = await work(endpoint)
  const { result } = jobs.putNowait(job(1, 100_000))
  await killed.line('began 1 1')
  await killed.kill()
  await expect(result).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
  expect(abandoned).toEqual([{ id: 1, data: job(1, 100_000), attempts: 1 }])
  expect(jobs.counts).toMatchObject({ working: 0, waiting: 0, abandoned: 1, again: 0 })
})

test('a worker that is stopped is given up in its time; when it goes on, its result no longer counts', async () => {
  const { endpoint, jobs } = await serve('ipc', { workerTimeoutS: 1 })
  const stopped = await work(endpoint)
  const { result } = jobs.putNowait(job(1, 200))
  await stopped.line('began 1 1')
  stopped.process.kill('SIGSTOP')
  const stoppedAtMs = performance.now()
  const { seen, worker } = await workHere(endpoint)
  expect(numberOf(await result)).toBe(1)
  expect(performance.now() - stoppedAtMs).toBeLessThan(4000)
  expect(seen).toEqual(['1 2'])
  await worker.close()
  const next = jobs.putNowait(job(2))
  stopped.process.kill('SIGCONT')
  await stopped.line('ended 1')
  await stopped.line('began 2 1')
  expect(numberOf(await next.result)).toBe(2)
  expect(jobs.counts).toMatchObject({ put: 2, done: 2, again: 1, lostWorkers: 1 })
})

test('a worker that cannot be reached is given up in its time, and told so', async () => {
  const { endpoint, jobs } = await serve('tcp', { workerTimeoutS: 1 })
  const proxy = await FaultProxy.open(endpoint)
  onTestFinished(() => proxy.close())
  const remote = await work(proxy.endpoint)
  const { result } = jobs.putNowait(job(1, 100_000))
  await remote.line('began 1 1')
  proxy.set({ blackHole: true })
  const { worker } = await workHere(endpoint)
  expect(numberOf(await result)).toBe(1)
  await worker.close()
  proxy.set({ blackHole: false })
  // It is told, once it is there again, that the job is another one's. Its handler goes on regardless.
  await remote.line('aborted 1')
  expect(jobs.counts).toMatchObject({ put: 1, done: 1, again: 1, lostWorkers: 1 })
})

test('through resets of the connection each job has one result', async () => {
  const { endpoint, jobs } = await serve('tcp')
  const proxy = await FaultProxy.open(endpoint)
  onTestFinished(() => proxy.close())
  const { client, seen, worker } = await workHere(proxy.endpoint, 4)
  let connects = 0
  client.on('connect', () => (connects += 1))
  let put = 0
  for (let time = 1; time <= 2; time++) {
    const some = upTo(200).map(() => jobs.putNowait(job(++put)).result)
    await some[10]
    proxy.reset()
    await until(() => connects === time)
    await Promise.all(some)
  }
  const { again, lostWorkers } = jobs.counts
  expect(jobs.counts).toMatchObject({
    put: 400,
    waiting: 0,
    working: 0,
    done: 400,
    failed: 0,
    abandoned: 0,
    workers: 1,
  })
  expect(new Set(seen.map((text) => text.split(' ')[0]))).toEqual(new Set(upTo(400).map(String)))
  // Whoever is back within a second is not given up: none is given twice.
  expect(seen.length).toBeLessThanOrEqual(400 + again)
  if (lostWorkers === 0) expect(again).toBe(0)
  await worker.close()
})

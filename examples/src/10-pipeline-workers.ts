// Pictures go to workers, each to exactly one. One of them dies in the middle of its third: another one does that again.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { deserialize, RMQClient, RMQServer, serialize } from 'robotmq'

const [endpoint, fate] = process.argv.slice(2)
if (endpoint === undefined) await hub()
else await worker(endpoint)

async function worker(at: string): Promise<void> {
  const client = await RMQClient.connect('worker', at)
  let begun = 0
  client.work('pictures', async (data) => {
    begun += 1
    if (fate === 'doomed' && begun === 3) process.kill(process.pid, 'SIGKILL')
    const { picture } = deserialize(data) as { picture: number }
    return serialize({ picture, objects: picture * picture })
  })
}

async function hub(): Promise<void> {
  await using server = await RMQServer.bind('hub', 'tcp://127.0.0.1:0')
  const pictures = server.addPipeline('pictures', {
    maxJobs: 100, // more wait in put
    attempts: 3, // 1: a dead worker's job is given to nobody else, but told to onAbandoned
  })
  const start = (...args: string[]) => fork(fileURLToPath(import.meta.url), [server.endpoints[0] as string, ...args])
  const jobs = []
  for (let picture = 1; picture <= 12; picture++) jobs.push(await pictures.put(serialize({ picture })))

  const doomed = start('doomed')
  doomed.once('exit', (_, signal) => console.log(`a worker ended by ${signal}`))
  // In your program all of them run from the beginning; here the others come when it has died.
  while (pictures.counts.lostWorkers === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const workers = [start(), start()]

  const results = await Promise.all(jobs.map(({ result }) => result))
  const found = results.map((bytes) => deserialize(bytes) as { picture: number; objects: number })
  console.log(found.map(({ picture, objects }) => `${picture}: ${objects}`).join(', '))
  const { done, again, abandoned } = pictures.counts
  console.log(`${done} done, ${again} of them given to a second worker, ${abandoned} abandoned`)
  for (const each of workers) each.kill()
}

import type { Cable } from '@rmq/faults'
import { expect, onTestFinished, test } from 'vitest'
import { Child } from './support/child.ts'
import { describeCable, openCable } from './support/describe-cable.ts'

const ENDPOINT = 'tcp://10.0.0.1:5555'

async function startServer({ server }: Cable, ...topics: string[]): Promise<Child> {
  const child = new Child('publisher.mjs', [ENDPOINT, ...topics], { wrapper: server.enter })
  onTestFinished(() => child.kill())
  await child.line('listening ')
  return child
}

async function startClient({ client }: Cable, ...topics: string[]): Promise<Child> {
  const child = new Child('link-client.mjs', [ENDPOINT, ...topics], { wrapper: client.enter })
  onTestFinished(() => child.kill())
  await child.line('ready')
  return child
}

/** Waits until so many more records of the topic with this index have come. */
async function gotMore(client: Child, records: number, index = 0): Promise<void> {
  const got = async () => Number((await client.line('got ')).split(' ')[index])
  const had = await got()
  while ((await got()) < had + records);
}

/** Ends both, and answers what the client has of each topic, beside what was put. */
async function settle(server: Child, client: Child, topics: readonly string[]) {
  server.tell('stop')
  const put: Record<string, number> = {}
  for (const topic of topics) put[topic] = Number(await server.line(`put ${topic} `))
  client.tell(`end ${topics.map((topic) => `${topic}=${put[topic]}`).join(' ')}`)
  const [asked, wrong] = (await client.line('asked ')).split(' ').map(Number) as [number, number]
  const counts: Record<string, { put: number; accounted: number; lost: number; skipped: number; disordered: number }> =
    {}
  for (const topic of topics) {
    const [received, lost, skipped, disordered] = (await client.line(`counts ${topic} `)).split(' ').map(Number) as [
      number,
      number,
      number,
      number,
    ]
    counts[topic] = { put: put[topic]!, accounted: received + lost + skipped, lost, skipped, disordered }
  }
  server.tell('ran')
  const [ran, most] = (await server.line('ran ')).split(' ').map(Number) as [number, number]
  return { requests: { asked, wrong, ran, most }, counts }
}

describeCable('over a cable', () => {
  test('one that is pulled is noticed within 3 s; once it is back everything goes on, and every record counts', async () => {
    const cable = await openCable()
    // Keeps 2 s of records, so that some of those behind the fault are lost.
    const server = await startServer(cable, 't:64:500')
    const client = await startClient(cable, 't:all')
    server.tell('start')
    client.tell('ask')
    await gotMore(client, 100)
    await cable.pull()
    const pulledMs = performance.now()
    await client.line('event disconnect')
    expect(performance.now() - pulledMs).toBeLessThan(3200)
    await cable.plug()
    await client.line('event connect')
    await gotMore(client, 100)
    const { requests, counts } = await settle(server, client, ['t'])
    expect(counts['t']).toMatchObject({ accounted: counts['t']!.put, disordered: 0 })
    expect(counts['t']!.lost).toBeGreaterThan(0)
    expect(requests).toEqual({ asked: requests.asked, wrong: 0, ran: requests.asked, most: 1 })
  })

  test('a server that restarts while the cable is out is met again, and its records are followed from the first', async () => {
    const cable = await openCable()
    const first = await startServer(cable, 't:64:200')
    const client = await startClient(cable, 't:all')
    first.tell('start')
    await gotMore(client, 50)
    await cable.pull()
    await first.kill()
    const second = await startServer(cable, 't:64:200')
    await cable.plug()
    await client.line('event connect')
    second.tell('start')
    await gotMore(client, 50)
    second.tell('stop')
    const count = Number(await second.line('put t '))
    client.tell(`end t=${count}`)
    const [, lost, skipped, disordered] = (await client.line('counts t ')).split(' ')
    expect([lost, skipped, disordered]).toEqual(['0', '0', '0'])
  })

  test('camera, joints and requests share 50 Mbit/s, and every record and request counts', async () => {
    const cable = await openCable({ bytesPerSecond: 50e6 / 8 })
    const server = await startServer(cable, 'joints:64:500', 'camera:2764800:30')
    const client = await startClient(cable, 'joints:all', 'camera:latest')
    server.tell('start')
    client.tell('ask')
    await gotMore(client, 5, 1)
    const { requests, counts } = await settle(server, client, ['joints', 'camera'])
    expect(counts['joints']).toEqual({
      put: counts['joints']!.put,
      accounted: counts['joints']!.put,
      lost: 0,
      skipped: 0,
      disordered: 0,
    })
    expect(counts['camera']).toMatchObject({ accounted: counts['camera']!.put, disordered: 0 })
    expect(counts['camera']!.skipped).toBeGreaterThan(0)
    expect(requests).toEqual({ asked: requests.asked, wrong: 0, ran: requests.asked, most: 1 })
  })
})

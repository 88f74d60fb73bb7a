import { RMQClient, RMQLogLevel } from 'robotmq'
import { expect, test } from 'vitest'
import { Child } from './support/child.ts'
import { freshEndpoint } from './support/endpoints.ts'

const logLevel = RMQLogLevel.OFF

async function serverAt(endpoint: string): Promise<Child> {
  const server = new Child('server.mjs', [endpoint])
  await server.line('listening')
  return server
}

for (const scheme of ['ipc', 'tcp'] as const) {
  test(`a server killed and started again is met within 2 s over ${scheme}, and nothing runs twice`, async () => {
    const endpoint = await freshEndpoint(scheme)
    const first = await serverAt(endpoint)
    const client = await RMQClient.connect('client', endpoint, { logLevel })
    const [before] = await client.peekData('t', -1)
    const events: string[] = []
    client.on('disconnect', () => events.push('disconnect'))
    client.on('connect', () => events.push('connect'))

    const request = client.requestWithData('r', new Uint8Array([60]), { timeoutS: 0.5 })
    const failed = expect(request).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    await first.line('request')
    await first.kill()
    const peek = client.peekData('t', -1, { timeoutS: 0.5 })
    const second = await serverAt(endpoint)
    const backAt = performance.now()
    const [after] = await peek
    expect(performance.now() - backAt).toBeLessThan(2000)
    expect(after!.epoch).not.toBe(before!.epoch)
    await failed
    expect([...(await client.requestWithData('r', new Uint8Array([0])))]).toEqual([0])
    expect(await second.line('request ')).toBe('0')
    expect(events).toEqual(['disconnect', 'connect'])
    await client.close()
    await second.kill()
  })

  test(`a client killed in the middle of its request is noticed over ${scheme}`, async () => {
    const endpoint = await freshEndpoint(scheme)
    const server = await serverAt(endpoint)
    const client = new Child('client.mjs', [endpoint, '60'])
    await server.line('request 60')
    await client.kill()
    await server.line('aborted')
    await server.kill()
  })
}

test('a server stays within reach while its program computes', async () => {
  const endpoint = await freshEndpoint('ipc')
  const server = await serverAt(endpoint)
  const client = await RMQClient.connect('client', endpoint, { logLevel })
  let computing = true
  const answer = client.requestWithData('busy', new Uint8Array([1]), { timeoutS: 30 }).finally(() => {
    computing = false
  })
  await server.line('computing')
  let peeks = 0
  while (computing) {
    await client.peekData('t', -1, { timeoutS: 30 })
    peeks += 1
  }
  await answer
  // Answered by the program's own thread, at most one or two would fit around the computation.
  expect(peeks).toBeGreaterThan(20)
  await client.close()
  await server.kill()
})

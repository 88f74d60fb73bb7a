import { setTimeout as sleep } from 'node:timers/promises'
import { RMQLogLevel, RMQServer } from 'robotmq'
import type { Plan } from '../plan.ts'
import { monotonicNs } from './clock.ts'
import { measure } from './measure.ts'
import { payloadOf } from './payload.ts'
import { publish, type Write } from './publish.ts'
import type { Role } from './role.ts'
import type { Stream } from './stream.ts'

const END_OF_REQUESTS = 'end'

/** A server: topics to read, puts to measure, requests to answer. */
export function serverRole(): Role {
  let server: RMQServer | undefined
  const bound = () => {
    if (server === undefined) throw new Error('the server is not bound')
    return server
  }
  return {
    close: async () => server?.close(),
    handlers: {
      bind: async ({ endpoint }: { endpoint: string }) => {
        server = await RMQServer.bind('bench', endpoint, { logLevel: RMQLogLevel.OFF })
      },
      addTopic: ({ topic, remainingS, ...limits }: { topic: string; remainingS: number; maxBytes?: number }) =>
        bound().addTopic(topic, { messageRemainingTimeS: remainingS, ...limits }),
      addSharedMemoryTopic: (options: { topic: string; remainingS: number; capacityBytes: number }) => {
        const { topic, remainingS, capacityBytes } = options
        bound().addSharedMemoryTopic(topic, { messageRemainingTimeS: remainingS, capacityBytes })
      },
      fill: ({ topic, bytes, count }: { topic: string; bytes: number; count: number }) => {
        const data = payloadOf(bytes)
        for (let i = 0; i < count; i++) bound().putData(topic, data)
      },
      measurePut: ({ topic, bytes, plan }: { topic: string; bytes: number; plan: Plan }) => {
        const data = payloadOf(bytes)
        return measure(() => bound().putData(topic, data), plan)
      },
      measureLoan: ({ topic, bytes, plan }: { topic: string; bytes: number; plan: Plan }) =>
        measure(() => bound().loan(topic, bytes).commit(), plan),
      publish: ({ streams }: { streams: readonly Stream[] }) => publish(writing(bound()), streams),
      serve: ({ delayS }: { delayS: number }) => serve(bound(), delayS),
      compute: ({ seconds }: { seconds: number }) => compute(seconds),
    },
  }
}

/** Puts, or fills a loan before its time begins and commits it. */
function writing(server: RMQServer): Write {
  return ({ topic, inPlace }, data) => {
    const loan = inPlace ? server.loan(topic, data.byteLength) : undefined
    loan?.bytes.set(data)
    const stamp = monotonicNs()
    if (loan === undefined) server.putData(topic, data)
    else loan.commit()
    return stamp
  }
}

/** Answers each request with its own bytes until one says that it is the last. */
function serve(server: RMQServer, delayS: number): Promise<void> {
  return new Promise((resolve) => {
    const remove = server.onRequest('echo', async (request) => {
      if (delayS > 0) await sleep(delayS * 1000)
      if (request.byteLength === END_OF_REQUESTS.length && Buffer.from(request.data).toString() === END_OF_REQUESTS) {
        remove()
        setImmediate(resolve)
      }
      return request.data
    })
  })
}

/** Keeps the main thread busy, as a policy does. */
function compute(seconds: number): number {
  const end = performance.now() + seconds * 1000
  let rounds = 0
  while (performance.now() < end) rounds++
  return rounds
}

import { type Lease, RMQClient, RMQLogLevel, type SubscribeOptions } from 'robotmq'
import type { Plan } from '../plan.ts'
import { askRepeatedly, type Requests } from './ask.ts'
import { Follower } from './follow.ts'
import { measure } from './measure.ts'
import { payloadOf } from './payload.ts'
import type { Role } from './role.ts'

/** Long enough for every call to be answered at its first try: nothing is resent while it is measured. */
const CALL = { timeoutS: 20, automaticResend: false }

interface Subscribing {
  readonly topics: readonly string[]
  readonly inPlace: boolean
  readonly policy?: SubscribeOptions['policy']
}

/** A client: every bench of a call runs here, one call at a time. */
export function clientRole(): Role {
  let client: RMQClient | undefined
  const follower = new Follower()
  const connected = () => {
    if (client === undefined) throw new Error('the client is not connected')
    return client
  }
  return {
    close: async () => client?.close(),
    handlers: {
      connect: async ({ endpoint }: { endpoint: string }) => {
        client = await RMQClient.connect('bench', endpoint, { logLevel: RMQLogLevel.OFF })
      },
      peek: async ({ topic }: { topic: string }) => (await connected().peekData(topic, -1, CALL))[0]?.data.byteLength,
      measurePeek: ({ topic, plan }: { topic: string; plan: Plan }) =>
        measure(() => connected().peekData(topic, -1, CALL), plan),
      measurePeekInto: ({ topic, bytes, plan }: { topic: string; bytes: number; plan: Plan }) => {
        const into = new Uint8Array(bytes)
        return measure(() => connected().peekData(topic, -1, { ...CALL, into }), plan)
      },
      measureView: ({ topic, plan }: { topic: string; plan: Plan }) =>
        measure(() => lookInPlace(connected().view(topic)!), plan),
      subscribe: ({ topics, inPlace, policy }: Subscribing) => follower.subscribe(connected(), topics, inPlace, policy),
      follow: ({ last, seconds }: { last: Readonly<Record<string, number>>; seconds: number }) =>
        follower.follow(last, seconds),
      measurePut: ({ topic, bytes, plan }: { topic: string; bytes: number; plan: Plan }) => {
        const data = payloadOf(bytes)
        return measure(() => connected().putData(topic, data, CALL), plan)
      },
      measureRequest: ({ topic, bytes, plan }: { topic: string; bytes: number; plan: Plan }) => {
        const data = payloadOf(bytes)
        return measure(() => connected().requestWithData(topic, data, CALL), plan)
      },
      ask: (requests: Requests) => askRepeatedly((data) => connected().requestWithData(requests.topic, data), requests),
      request: async ({ topic, text }: { topic: string; text: string }) =>
        (await connected().requestWithData(topic, Buffer.from(text), CALL)).byteLength,
    },
  }
}

/** The bytes are shown when they are asked for: that is part of a view. */
function lookInPlace(lease: Lease): number | undefined {
  const first = lease.data[0]
  lease.release()
  return first
}

import { RMQClient, RMQLogLevel } from 'robotmq'
import type { Plan } from '../plan.ts'
import { measure } from './measure.ts'
import { payloadOf } from './payload.ts'
import type { Role } from './role.ts'

/** Long enough for every call to be answered at its first try: nothing is resent while it is measured. */
const CALL = { timeoutS: 20, automaticResend: false }

/** A client: every bench of a call runs here, one call at a time. */
export function clientRole(): Role {
  let client: RMQClient | undefined
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
      measurePut: ({ topic, bytes, plan }: { topic: string; bytes: number; plan: Plan }) => {
        const data = payloadOf(bytes)
        return measure(() => connected().putData(topic, data, CALL), plan)
      },
      measureRequest: ({ topic, bytes, plan }: { topic: string; bytes: number; plan: Plan }) => {
        const data = payloadOf(bytes)
        return measure(() => connected().requestWithData(topic, data, CALL), plan)
      },
      request: async ({ topic, text }: { topic: string; text: string }) =>
        (await connected().requestWithData(topic, Buffer.from(text), CALL)).byteLength,
    },
  }
}

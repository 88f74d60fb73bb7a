import { setImmediate as nextTurn } from 'node:timers/promises'
import { type IncomingRequest, RMQLogLevel, RMQServer, RmqError, robotmqCodec } from 'robotmq'
import { errorLine } from '../error-text.ts'
import type { Front, FrontHost } from '../front.ts'
import { metadataTopic } from '../metadata-topic.ts'
import { isResetRequest, RESET_ANSWER } from '../reset-request.ts'
import type { Asker } from '../ticket.ts'

export interface RobotmqFrontOptions {
  /** `ipc:///path` or `tcp://address:port`; several at once, if you like. */
  readonly endpoint: string | readonly string[]
  /** @default 'inference' */
  readonly topic?: string
}

/** The name of all clients written in Python: they have none of their own. */
const NAMELESS = 'robotmq'

/** Serves requests of robotmq, as its Python and TypeScript clients make them. */
export async function openRobotmqFront(host: FrontHost, options: RobotmqFrontOptions): Promise<Front> {
  const { endpoint, topic = 'inference' } = options
  const server = await RMQServer.bind('policy', endpoint, { logLevel: RMQLogLevel.WARNING })
  const answers = new Set<Promise<unknown>>()
  try {
    server.addTopic(metadataTopic(topic), {
      messageRemainingTimeS: Number.POSITIVE_INFINITY,
      keepLast: 1,
      maxRecords: 1,
    })
    server.putData(metadataTopic(topic), robotmqCodec.encode(host.metadata))
    // Clients take this topic as the sign that everything is there.
    server.addTopic(topic, { messageRemainingTimeS: 1 })
  } catch (error) {
    await server.close()
    throw error
  }
  server.onRequest(topic, async (request) => {
    const answer = answerRequest(host, request)
    answers.add(answer)
    try {
      return await answer
    } finally {
      answers.delete(answer)
    }
  })
  return {
    urls: server.endpoints,
    async close() {
      await Promise.allSettled(answers)
      // The server takes what the handler returns a few promises later.
      await nextTurn()
      await server.close()
    },
  }
}

async function answerRequest(host: FrontHost, request: IncomingRequest): Promise<Uint8Array> {
  try {
    const asker = askerOf(request)
    const observation = decode(host, request)
    if (isResetRequest(observation)) {
      await host.reset(undefined, asker)
      return robotmqCodec.encode(RESET_ANSWER)
    }
    const inference = host.infer(observation, asker)
    if (request.signal.aborted) host.left(asker)
    else request.signal.addEventListener('abort', () => host.left(asker), { once: true })
    const { actions } = await inference
    return robotmqCodec.encode(actions)
  } catch (error) {
    // Only the text of an error travels.
    throw new Error(errorLine(error))
  }
}

function decode(host: FrontHost, request: IncomingRequest): unknown {
  if (request.byteLength > host.maxPayloadBytes) {
    throw new RmqError(
      'MESSAGE_TOO_LARGE',
      `The observation has ${request.byteLength} bytes, ${host.maxPayloadBytes} are taken.`,
    )
  }
  try {
    return robotmqCodec.decode(request.data)
  } catch (error) {
    host.malformed()
    throw error
  }
}

function askerOf({ clientName, sequence }: IncomingRequest): Asker {
  const client = clientName === NAMELESS ? `${NAMELESS} ${sequence}` : clientName
  return { front: 'robotmq', client }
}

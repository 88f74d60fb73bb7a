import {
  type Engine,
  heapHome,
  LocalEngine,
  type Message,
  RMQClient,
  RMQLogLevel,
  RMQServer,
  RmqError,
} from '@rmq/core'
import { type ConformanceSubject, clientSubject, conformance } from '@rmq/core/conformance'
import { zmqEngine } from '@rmq/zmq'
import { describe, test } from 'vitest'
import { zmqTransport } from '../src/index.ts'
import { freshEndpoint } from './support/endpoints.ts'
import { fromBase64, python, startPython, toBase64 } from './support/python.ts'

const logLevel = RMQLogLevel.OFF
const transports = [zmqTransport()]
const localEngine = () => new LocalEngine({ homes: [heapHome()], transports })

async function overLink(engine: Engine, endpoint: string): Promise<ConformanceSubject> {
  const server = await RMQServer.bind('server', [endpoint], { engine, logLevel })
  const client = await RMQClient.connect('client', server.endpoints[0]!, { transports, logLevel })
  return clientSubject(server, client)
}

describe.each(['ipc', 'tcp'] as const)('heap topics over %s', (scheme) => {
  conformance({ test, factory: () => overLink(localEngine(), freshEndpoint(scheme)), lacks: ['no read-ahead'] })
})

describe('heap topics of a message thread over ipc', () => {
  conformance({ test, factory: () => overLink(zmqEngine(), freshEndpoint()), lacks: ['no read-ahead'] })
})

interface Records {
  readonly data: string[]
  readonly timestamps: number[]
}

/** What Python's client brings, as messages. */
function messagesOf(topic: string, value: unknown): Message[] {
  const { data, timestamps } = value as Records
  return data.map((text, index) => ({
    topic,
    epoch: '',
    sequence: Number.NaN,
    timestampS: timestamps[index]!,
    data: new Uint8Array(fromBase64(text)),
    lostBefore: 0,
    ageS: () => Number.NaN,
  }))
}

/** Python's client tells failures by their text alone. */
function inCodes(error: Error): never {
  const { message } = error
  if (message.includes('not found. Please first call add_topic')) throw new RmqError('TOPIC_NOT_FOUND', message)
  if (message.includes('is over the limit')) throw new RmqError('MESSAGE_TOO_LARGE', message)
  throw new RmqError('INVALID_ARGUMENT', message)
}

describe.skipIf(python === undefined)("heap topics in the hands of robotmq's client", () => {
  const factory = async (): Promise<ConformanceSubject> => {
    const server = await RMQServer.bind('server', [freshEndpoint()], { engine: localEngine(), logLevel })
    const python = await startPython('client', server.endpoints[0]!)
    const client = { ...python, ask: (command: Parameters<typeof python.ask>[0]) => python.ask(command).catch(inCodes) }
    return {
      addTopic: (topic, options) => server.addTopic(topic, options),
      putData: async (topic, data) => {
        if (!(data instanceof Uint8Array)) throw new RmqError('INVALID_ARGUMENT', 'not bytes')
        await client.ask({ op: 'put', topic, data: toBase64(data) })
      },
      peekData: async (topic, n) => messagesOf(topic, await client.ask({ op: 'peek', topic, n })),
      popData: async (topic, n) => messagesOf(topic, await client.ask({ op: 'pop', topic, n })),
      getTopicStatus: (topic) => client.ask({ op: 'status', topic }) as Promise<number>,
      close: async () => {
        await client.kill()
        await server.close()
      },
    }
  }
  conformance({ test, factory, lacks: ['sequences', 'requests', 'parallel calls', 'subscriptions'] })
})

describe.skipIf(python === undefined)("topics of robotmq's server in the hands of our client", () => {
  const factory = async (): Promise<ConformanceSubject> => {
    const endpoint = freshEndpoint()
    const server = await startPython('server', endpoint)
    const client = await RMQClient.connect('client', endpoint, { transports, logLevel })
    return {
      addTopic: (topic, { messageRemainingTimeS: seconds }) =>
        server.ask({ op: 'addTopic', topic, seconds }) as Promise<void>,
      putData: (topic, data) => client.putData(topic, data),
      peekData: (topic, n) => client.peekData(topic, n),
      popData: (topic, n) => client.popData(topic, n),
      getTopicStatus: (topic) => client.getTopicStatus(topic),
      close: async () => {
        await client.close()
        await server.kill()
      },
    }
  }
  conformance({
    test,
    factory,
    lacks: ['sequences', 'exact pop', 'limits', 'expiry on read', 'requests', 'subscriptions'],
  })
})

import { RMQClient as CoreClient } from '@rmq/core'
import { clientSubject, conformance } from '@rmq/core/conformance'
import { zmqTransport } from '@rmq/zmq'
import { RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { describe, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'
import { addTopicOfKind } from './support/topic-kinds.ts'

const logLevel = RMQLogLevel.OFF

describe.each(['ipc', 'tcp'] as const)('heap topics over %s', (scheme) => {
  conformance({
    test,
    lacks: ['no read-ahead'],
    async factory() {
      const server = await RMQServer.bind('server', await freshEndpoint(scheme), { logLevel })
      const client = await RMQClient.connect('client', server.endpoints[0]!, { logLevel })
      return clientSubject(server, client)
    },
  })
})

describe('heap topics in the hands of their server', () => {
  conformance({
    test,
    lacks: ['requests', 'subscriptions'],
    factory: async () => RMQServer.bind('server', await freshEndpoint('ipc'), { logLevel }),
  })
})

async function sharedMemoryServer(scheme: 'ipc' | 'tcp') {
  const server = await RMQServer.bind('server', await freshEndpoint(scheme), { logLevel })
  const addTopic: typeof server.addTopic = (topic, options) => addTopicOfKind(server, 'shared memory', topic, options)
  return { server, endpoint: server.endpoints[0]!, addTopic }
}

describe.each(['ipc', 'tcp'] as const)('shared memory topics, attached by a client that came over %s', (scheme) => {
  conformance({
    test,
    lacks: ['limits'],
    async factory() {
      const { server, endpoint, addTopic } = await sharedMemoryServer(scheme)
      const client = await RMQClient.connect('client', endpoint, { logLevel })
      return { ...clientSubject(server, client), addTopic }
    },
  })
})

describe.each(['ipc', 'tcp'] as const)('shared memory topics over %s, by a client without shared memory', (scheme) => {
  conformance({
    test,
    lacks: ['limits', 'no read-ahead'],
    async factory() {
      const { server, endpoint, addTopic } = await sharedMemoryServer(scheme)
      const client = await CoreClient.connect('client', endpoint, { logLevel, transports: [zmqTransport()] })
      return { ...clientSubject(server, client), addTopic }
    },
  })
})

describe('shared memory topics in the hands of their server', () => {
  conformance({
    test,
    lacks: ['requests', 'limits', 'subscriptions'],
    async factory() {
      const { server, addTopic } = await sharedMemoryServer('ipc')
      return {
        addTopic,
        putData: (topic, data, options) => server.putData(topic, data, options),
        peekData: (topic, n) => server.peekData(topic, n),
        popData: (topic, n) => server.popData(topic, n),
        getTopicStatus: (topic) => server.getTopicStatus(topic),
        close: () => server.close(),
      }
    },
  })
})

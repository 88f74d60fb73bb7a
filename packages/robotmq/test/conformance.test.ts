import { conformance } from '@rmq/core/conformance'
import { RMQClient, RMQLogLevel, RMQServer } from 'robotmq'
import { describe, test } from 'vitest'
import { freshEndpoint } from './support/endpoints.ts'

const logLevel = RMQLogLevel.OFF

describe.each(['ipc', 'tcp'] as const)('heap topics over %s', (scheme) => {
  conformance({
    test,
    async factory() {
      const server = await RMQServer.bind('server', await freshEndpoint(scheme), { logLevel })
      const client = await RMQClient.connect('client', server.endpoints[0]!, { logLevel })
      return {
        addTopic: (topic, options) => server.addTopic(topic, options),
        putData: (topic, data, options) => client.putData(topic, data, options),
        peekData: (topic, n) => client.peekData(topic, n),
        popData: (topic, n) => client.popData(topic, n),
        getTopicStatus: (topic) => client.getTopicStatus(topic),
        requestWithData: (topic, data, options) => client.requestWithData(topic, data, options),
        onRequest: (topic, handler) => server.onRequest(topic, handler),
        async close() {
          await client.close()
          await server.close()
        },
      }
    },
  })
})

describe('heap topics in the hands of their server', () => {
  conformance({
    test,
    lacks: ['requests'],
    factory: async () => RMQServer.bind('server', await freshEndpoint('ipc'), { logLevel }),
  })
})

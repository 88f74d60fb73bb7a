import { clientSubject, conformance } from '@rmq/core/conformance'
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
      return clientSubject(server, client)
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

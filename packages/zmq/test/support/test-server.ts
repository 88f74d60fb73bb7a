import { heapHome, LocalEngine, RMQServer, type ServerOptions, type TopicHome } from '@rmq/core'
import { onTestFinished } from 'vitest'
import { type ZmqTransportOptions, zmqTransport } from '../../src/index.ts'

export interface TestServer {
  readonly server: RMQServer
  readonly engine: LocalEngine
  readonly endpoint: string
}

/** A server in this thread with a topic `t`, closed when the test ends. */
export async function startServer(
  endpoint: string,
  options: ZmqTransportOptions & ServerOptions = {},
  homes: readonly TopicHome[] = [heapHome()],
): Promise<TestServer> {
  const engine = new LocalEngine({ homes, transports: [zmqTransport(options)] })
  const server = await RMQServer.bind('test', [endpoint], { engine, logLevel: 6, ...options })
  onTestFinished(() => server.close())
  server.addTopic('t', { messageRemainingTimeS: 60 })
  return { server, engine, endpoint: server.endpoints[0]! }
}

import { Worker } from 'node:worker_threads'
import { heapHome, inProcessTransport, LocalEngine, RMQClient, RMQLogLevel, RMQServer } from '@rmq/core'
import type { ConformanceSubject } from '@rmq/core/conformance'
import { ThreadEngine } from '@rmq/core/thread'

const logLevel = RMQLogLevel.OFF

export function threadEngine(): ThreadEngine {
  return new ThreadEngine({ spawn: (options) => new Worker(new URL('./thread-entry.js', import.meta.url), options) })
}

export async function pair(name = 'test'): Promise<{ server: RMQServer; client: RMQClient }> {
  const transports = [inProcessTransport()]
  const engine = new LocalEngine({ homes: [heapHome()], transports })
  const server = await RMQServer.bind(name, 'inproc://test', { engine, logLevel })
  const client = await RMQClient.connect('client', 'inproc://test', { transports, logLevel })
  return { server, client }
}

/** The server's own hands: it puts and reads by itself. */
export async function serverSubject(engine: LocalEngine | ThreadEngine): Promise<ConformanceSubject> {
  const server = await RMQServer.bind('test', 'inproc://test', { engine, logLevel })
  return {
    addTopic: (topic, options) => server.addTopic(topic, options),
    putData: (topic, data, options) => server.putData(topic, data, options),
    peekData: (topic, n) => server.peekData(topic, n),
    popData: (topic, n) => server.popData(topic, n),
    getTopicStatus: (topic) => server.getTopicStatus(topic),
    close: () => server.close(),
  }
}

/** A client's hands over the in-process link. */
export async function clientSubject(): Promise<ConformanceSubject> {
  const { server, client } = await pair()
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
}

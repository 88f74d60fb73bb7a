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
  return server
}

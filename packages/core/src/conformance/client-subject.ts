import type { RMQClient } from '../client.ts'
import type { RMQServer } from '../server.ts'
import type { ConformanceSubject } from './subject.ts'

/** A server as one of its clients reaches it: over any transport. Closing the subject closes both. */
export function clientSubject(server: RMQServer, client: RMQClient): ConformanceSubject {
  return {
    addTopic: (topic, options) => server.addTopic(topic, options),
    putData: (topic, data, options) => client.putData(topic, data, options),
    peekData: (topic, n, options) => client.peekData(topic, n, options),
    popData: (topic, n) => client.popData(topic, n),
    getTopicStatus: (topic) => client.getTopicStatus(topic),
    requestWithData: (topic, data, options) => client.requestWithData(topic, data, options),
    subscribe: (topic, options) => client.subscribe(topic, options),
    peekAt: (topic, timeS, options) => client.peekAt(topic, timeS, options),
    peekAligned: (topics, options) => client.peekAligned(topics, options),
    onStale: (topic, afterS, callback) => client.onStale(topic, afterS, callback),
    clock: () => client.clock(),
    resetStartTime: (systemTimeUs) => server.resetStartTime(systemTimeUs),
    onRequest: (topic, handler) => server.onRequest(topic, handler),
    async close() {
      await client.close()
      await server.close()
    },
  }
}

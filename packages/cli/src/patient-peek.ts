import { setTimeout as delay } from 'node:timers/promises'
import { type RMQClient, RmqError } from 'robotmq'
import { readWithin } from './answer-deadline.ts'
import type { ConnectionOptions } from './connection.ts'
import type { Peek } from './follow.ts'

const RETRY_MS = 50

/**
 * Peeks for someone who follows a topic across a restart of its server: a topic that was there is waited for, since a
 * server adds its topics after it has begun to answer.
 * @throws TOPIC_NOT_FOUND when the topic never was there, or did not come back within `timeout` seconds; TIMEOUT
 */
export function patientPeek(client: RMQClient, topic: string, options: ConnectionOptions, signal: AbortSignal): Peek {
  let lastMet: number | undefined
  const isExpected = (error: unknown) =>
    RmqError.isInstance(error) &&
    error.code === 'TOPIC_NOT_FOUND' &&
    lastMet !== undefined &&
    performance.now() - lastMet < options.timeout * 1000
  return async (n) => {
    for (;;) {
      try {
        const messages = await readWithin(options, `peek on "${topic}"`, (call) => client.peekData(topic, n, call))
        lastMet = performance.now()
        return messages
      } catch (error) {
        if (!isExpected(error)) throw error
        await delay(RETRY_MS, undefined, { signal })
      }
    }
  }
}

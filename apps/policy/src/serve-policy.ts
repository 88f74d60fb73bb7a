import { deserialize, type RMQServer, serialize } from 'robotmq'
import { parseObservation } from './observation.ts'
import { inferActions } from './policy.ts'

/**
 * Answers the topic's requests with `{ actions }`.
 * @param onRun hears of each request that runs: the number that its asker gave it
 */
export function servePolicy(server: RMQServer, topic: string, onRun: (request: number) => void = () => {}): void {
  server.addTopic(topic, { messageRemainingTimeS: 10 })
  server.onRequest(topic, async (data) => {
    const { image, joints, request } = parseObservation(deserialize(data))
    if (request !== undefined) onRun(request)
    return serialize({ actions: inferActions(image, joints.data) })
  })
}

import { deserialize, type RMQServer, serialize } from 'robotmq'
import { parseObservation } from './observation.ts'
import { inferActions } from './policy.ts'

/** Answers the topic's requests with `{ actions }`. */
export function servePolicy(server: RMQServer, topic: string): void {
  server.addTopic(topic, { messageRemainingTimeS: 10 })
  server.onRequest(topic, async (request) => {
    const { image, joints } = parseObservation(deserialize(request))
    return serialize({ actions: inferActions(image, joints.data) })
  })
}

import type { RetentionOptions, RMQServer } from 'robotmq'

export type TopicKind = 'heap' | 'shared memory'

/** Room for the largest records of the conformance cases. */
const CAPACITY_BYTES = 16 * 2 ** 20

export function addTopicOfKind(server: RMQServer, kind: TopicKind, topic: string, options: RetentionOptions): void {
  if (kind === 'heap') server.addTopic(topic, options)
  else server.addSharedMemoryTopic(topic, { ...options, capacityBytes: CAPACITY_BYTES })
}

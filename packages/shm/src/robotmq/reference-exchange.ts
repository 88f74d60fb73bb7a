import type { ReferenceExchange } from '@rmq/core'
import { holdsTopic } from './holds-topic.ts'
import { offerFile, sweepOfferedFiles } from './offered-file.ts'
import { readReference } from './read-reference.ts'

let swept = false

/** Reads from, and writes for, servers of the original robotmq in shared memory. */
export function robotmqReferences(): ReferenceExchange {
  return {
    holds: holdsTopic,
    read: readReference,
    offer(data) {
      if (!swept) sweepOfferedFiles()
      swept = true
      return offerFile(data)
    },
  }
}

import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { type QueueCreateOptions, SharedQueue } from '../../../src/index.ts'

export function uniqueName(): string {
  return `test-${randomBytes(8).toString('hex')}`
}

/** A queue of the test's own. */
export function makeQueue<T = Uint8Array>(options: QueueCreateOptions<T>, name = uniqueName()): SharedQueue<T> {
  const queue = SharedQueue.create(name, options)
  onTestFinished(() => {
    if (!queue.closed) queue.unlink()
    queue.close()
    SharedQueue.unlink(name, { runId: options.runId ?? '' })
  })
  return queue
}

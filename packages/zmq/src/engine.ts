import { Worker } from 'node:worker_threads'
import type { Engine } from '@rmq/core'
import { ThreadEngine } from '@rmq/core/thread'

/** A server's engine with heap topics and ZeroMQ endpoints, in a thread of its own. */
export function zmqEngine(): Engine {
  return new ThreadEngine({ spawn: (options) => new Worker(new URL('./worker.js', import.meta.url), options) })
}

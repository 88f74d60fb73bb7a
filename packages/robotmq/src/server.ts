import { Worker } from 'node:worker_threads'
import { RMQServer as CoreServer, RmqError, type ServerOptions } from '@rmq/core'
import { ThreadEngine } from '@rmq/core/thread'

export interface SharedMemoryTopicOptions {
  /** Seconds that a record stays readable. */
  readonly messageRemainingTimeS: number
  /** Size of the segment in GiB; excludes `capacityBytes`. */
  readonly sharedMemorySizeGb?: number
  /** Size of the segment in bytes; excludes `sharedMemorySizeGb`. */
  readonly capacityBytes?: number
}

/** Owns topics and answers for them, on a message thread of its own. */
export class RMQServer extends CoreServer {
  /**
   * Binds every endpoint, or none.
   * @param endpoints `ipc:///path` or `tcp://address:port`; port 0 or `*` lets the system choose, see `endpoints`
   * @throws INVALID_ARGUMENT, ENDPOINT_IN_USE, PERMISSION_DENIED
   */
  static override async bind(
    name: string,
    endpoints: string | readonly string[],
    options: ServerOptions = {},
  ): Promise<RMQServer> {
    const engine = new ThreadEngine({
      spawn: (workerOptions) => new Worker(new URL('./server.worker.js', import.meta.url), workerOptions),
    })
    const server = new RMQServer(name, engine, options)
    await server.start(endpoints, options)
    return server
  }

  /** @throws UNSUPPORTED: the shared memory package is not part of this version; `addTopic` makes a heap topic */
  addSharedMemoryTopic(topic: string, _options: SharedMemoryTopicOptions): void {
    throw sharedMemoryUnsupported(`Topic "${topic}" was not added. addTopic makes a topic on the server's heap.`)
  }

  /** @throws UNSUPPORTED: loans are for shared memory topics */
  loan(topic: string, _byteLength: number): never {
    throw sharedMemoryUnsupported(`Nothing can be loaned on topic "${topic}": use putData.`)
  }
}

export function sharedMemoryUnsupported(consequence: string): RmqError {
  return new RmqError('UNSUPPORTED', `This version of robotmq has no shared memory. ${consequence}`)
}

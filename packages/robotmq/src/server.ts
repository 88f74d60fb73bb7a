import { Worker } from 'node:worker_threads'
import { RMQServer as CoreServer, type ServerOptions } from '@rmq/core'
import { ThreadEngine } from '@rmq/core/thread'
import { createSharedMemoryTopic, type SharedMemoryTopicOptions } from '@rmq/shm'

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

  /**
   * Adds a topic in shared memory: processes of this host read, wait and write there with no way over the server.
   * @throws TOPIC_EXISTS, INVALID_ARGUMENT, NO_SPACE where the system's shared memory is too small, PERMISSION_DENIED,
   *   NATIVE_ADDON_MISSING, UNSUPPORTED on other systems than Linux, CLOSED
   */
  addSharedMemoryTopic(topic: string, options: SharedMemoryTopicOptions): void {
    this.addSharedTopic(topic, (seed) => createSharedMemoryTopic(seed, options))
  }
}

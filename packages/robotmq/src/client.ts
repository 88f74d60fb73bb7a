import { type ClientOptions, RMQClient as CoreClient } from '@rmq/core'
import { robotmqReferences, sharedMemoryHome } from '@rmq/shm'
import { zmqTransport } from '@rmq/zmq'

/** Reaches the topics of one server: in shared memory where it can attach them, else by the endpoint's transport. */
export class RMQClient extends CoreClient {
  /**
   * Resolves once the server has been met.
   * @param endpoint `ipc:///path` or `tcp://address:port`
   * @throws INVALID_ARGUMENT, TIMEOUT when no server answered within `timeoutS`, UNAUTHORIZED
   */
  static override async connect(name: string, endpoint: string, options: ClientOptions = {}): Promise<RMQClient> {
    const parts = { transports: [zmqTransport()], homes: [sharedMemoryHome()], references: robotmqReferences() }
    const client = new RMQClient(name, endpoint, { ...options, ...parts })
    await client.start()
    return client
  }
}

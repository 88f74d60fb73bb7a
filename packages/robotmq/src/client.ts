import { type ClientOptions, RMQClient as CoreClient } from '@rmq/core'
import { zmqTransport } from '@rmq/zmq'
import { sharedMemoryUnsupported } from './server.ts'

/** Reaches the topics of one server, by the transport that its endpoint names. */
export class RMQClient extends CoreClient {
  /**
   * Resolves once the server has been met.
   * @param endpoint `ipc:///path` or `tcp://address:port`
   * @throws INVALID_ARGUMENT, TIMEOUT when no server answered within `timeoutS`, UNAUTHORIZED
   */
  static override async connect(name: string, endpoint: string, options: ClientOptions = {}): Promise<RMQClient> {
    const client = new RMQClient(name, endpoint, options)
    await client.start({ ...options, transports: [zmqTransport()] })
    return client
  }

  /** @throws UNSUPPORTED: views are for shared memory topics */
  view(topic: string): never {
    throw sharedMemoryUnsupported(`Topic "${topic}" can be read with peekData.`)
  }
}

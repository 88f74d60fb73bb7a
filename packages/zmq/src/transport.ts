import type { Transport } from '@rmq/core'
import { connectTo } from './client/dealer-link.ts'
import { listenOn } from './server/router-listener.ts'

export interface ZmqTransportOptions {
  /** Connections that one endpoint remembers; the one that was silent longest is forgotten first. @default 16,384 */
  readonly maxPeers?: number
  /**
   * Seconds for which records of a shared memory topic stay in place after a client of robotmq's own was told where they
   * are, unless it shows sooner that it has copied them. A client that is stopped for longer in the middle of a read, or
   * needs longer for its copies, may get the bytes of later records.
   * @default 1
   */
  readonly referenceHoldS?: number
}

/**
 * Carries sessions over ZeroMQ, at `ipc://` and `tcp://` endpoints. Each endpoint serves robotmq's own clients and
 * ours; the client's side meets robotmq's own servers and ours.
 */
export function zmqTransport(options: ZmqTransportOptions = {}): Transport {
  const { maxPeers = 16_384, referenceHoldS = 1 } = options
  return {
    schemes: ['ipc', 'tcp'],
    listen: (endpoint, host) => listenOn(endpoint, host, { maxPeers, referenceHoldS }),
    connect: connectTo,
  }
}

import { heapHome } from '@rmq/core'
import { runServerThread } from '@rmq/core/thread'
import { zmqTransport } from '@rmq/zmq'

runServerThread({ homes: (heap) => [heapHome(heap)], transports: [zmqTransport()] })

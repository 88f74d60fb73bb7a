import { heapHome } from '@rmq/core'
import { runServerThread } from '@rmq/core/thread'
import { zmqTransport } from './transport.ts'

runServerThread({ homes: (heap) => [heapHome(heap)], transports: [zmqTransport()] })

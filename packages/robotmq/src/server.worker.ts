import { heapHome } from '@rmq/core'
import { runServerThread } from '@rmq/core/thread'
import { sharedMemoryHome } from '@rmq/shm'
import { zmqTransport } from '@rmq/zmq'

runServerThread({ homes: (heap) => [heapHome(heap), sharedMemoryHome()], transports: [zmqTransport()] })

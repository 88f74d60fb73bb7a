export { zmqEngine } from './engine.ts'
export { type ZmqTransportOptions, zmqTransport } from './transport.ts'

export { zmqEngine } from './engine.ts'
export { generateKeyPair, isKey, type KeyPair, publicKeyOf } from './security/key.ts'
export { readPublicKeys, readSecretKey, writeKeyPair } from './security/key-file.ts'
export { type ZmqTransportOptions, zmqTransport } from './transport.ts'

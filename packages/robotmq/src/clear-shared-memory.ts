import { sharedMemoryUnsupported } from './server.ts'

/** @throws UNSUPPORTED: this version makes no segments, so there are none to remove */
export function clearSharedMemory(): never {
  throw sharedMemoryUnsupported('There are no segments of ours to remove.')
}

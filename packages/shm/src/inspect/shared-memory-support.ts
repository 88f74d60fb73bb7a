import { describeAddon, loadAddon } from '../native/addon.ts'
import type { NativeKernelFeatures } from '../native/inspecting-types.ts'
import { SEGMENT_FOLDER } from '../segment-path.ts'

/** What this process has to work with. */
export interface SharedMemorySupport {
  /** The native addon's file, and whether it came with the package or was compiled on this machine. */
  readonly addon: { readonly path: string; readonly kind: 'prebuild' | 'build' }
  /** The version of the memory layout. */
  readonly abi: number
  /** Whether records can be seen in place; else views are copies. */
  readonly zeroCopy: boolean
  /** What was tried in /dev/shm: 0 where it works, else the errno of the refusal. */
  readonly features: KernelFeatures
}

/** See the names: files without a name, `/proc/self/fd`, byte locks, `fallocate`, MADV_POPULATE_WRITE, futexes, file leases, FIFOs. */
export type KernelFeatures = NativeKernelFeatures

/** @throws NATIVE_ADDON_MISSING, UNSUPPORTED */
export function sharedMemorySupport(): SharedMemorySupport {
  const { zeroCopy, kernelFeatures } = loadAddon()
  const { abi, path, kind } = describeAddon()
  return { addon: { path, kind }, abi, zeroCopy, features: kernelFeatures(SEGMENT_FOLDER) }
}

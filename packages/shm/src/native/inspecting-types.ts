import type { NativeFailure } from './addon-types.ts'

/** What tools for people ask of the addon. Nothing here takes part in a segment. */
export interface InspectingAddon {
  /** Looks at a segment of any user that may be read, whatever its bytes are. */
  inspectSegment(path: string): NativeInspection
  /**
   * Whether no process, in whatever namespace, has a file open or mapped.
   * @returns a status: OK nobody has, IN_USE, NOT_FOUND, PERMISSION_DENIED where it is another user's, UNSUPPORTED
   */
  isUnopened(path: string): number
  /** Unlinks files of this user in this order, once it is proven for all that nobody has them open. */
  removeUnopened(paths: readonly string[]): NativeFailure | undefined
  kernelFeatures(directory: string): NativeKernelFeatures
}

export interface NativeInspection {
  /** Participants that are alive, proven by their byte locks. */
  readonly holders: number
  /** Somebody attaches or removes at this moment. */
  readonly entering: boolean
  /** Why it cannot be used; STALE_BOOT leaves its content readable. */
  readonly failure?: NativeFailure
  readonly content?: NativeContent
}

export interface NativeContent {
  readonly queue: boolean
  readonly description: string
  readonly capacityBytes: number
  readonly maxRecords: number
  /** Milliseconds since 1970. */
  readonly createdMs: number
  readonly creatorPid: number
  /** Inode of the pid namespace that the number belongs to. */
  readonly creatorPidNamespace: number
  readonly records: number
  readonly recordBytes: number
  readonly published: number
  readonly retired: boolean
  readonly poisoned: boolean
  readonly users: readonly NativeUser[]
}

/** A place in a segment that was taken; its number is its owner's word, `alive` the kernel's. */
export interface NativeUser {
  readonly pid: number
  readonly pidNamespace: number
  readonly alive: boolean
  readonly leases: number
  readonly pinnedBytes: number
}

/** 0 where it works, else the errno of the refusal. */
export interface NativeKernelFeatures {
  readonly unnamedFiles: number
  readonly reopen: number
  readonly byteLocks: number
  readonly reserving: number
  readonly populating: number
  readonly futexes: number
  readonly fileLeases: number
  readonly fifos: number
}

import type { SharedMemoryFile, SharedMemorySupport, TopicAccess } from 'robotmq'

/** All that is known of a host before anything is made of it. */
export interface Facts {
  readonly node: { readonly version: string; readonly platform: string; readonly arch: string }
  /** Of the kernel, such as `5.10.104-tegra`. */
  readonly kernel: string
  /** Numerical ids of the user and of the groups that this process is in. */
  readonly user: number
  readonly groups: readonly number[]
  /** undefined: the system does not tell. */
  readonly umask: number | undefined
  readonly support: SharedMemorySupport | { readonly missing: string }
  readonly folder: FolderFacts | undefined
  readonly files: readonly SharedMemoryFile[]
  readonly memory: MemoryLimit | undefined
  readonly limits: ProcessLimits
  readonly pidNamespace: PidNamespace
  /** Where an endpoint was named. */
  readonly endpoint?: EndpointFacts
}

/** /dev/shm itself. */
export interface FolderFacts {
  /** Of the file system, such as `tmpfs`; undefined where /proc does not tell. */
  readonly type: string | undefined
  /** 0: without a limit of its own. */
  readonly totalBytes: number
  readonly freeBytes: number
  /** Permission bits. */
  readonly mode: number
  readonly readOnly: boolean
  readonly noexec: boolean
  readonly writable: boolean
}

/** The tightest limit of the memory cgroups that this process is in. Shared memory counts towards it. */
export interface MemoryLimit {
  readonly version: 1 | 2
  readonly limitBytes: number
  /** Without what the kernel would drop by itself. */
  readonly usedBytes: number
  /** The file that says so. */
  readonly file: string
}

/** Soft limits of this process; Infinity: none; undefined: the system does not tell. */
export interface ProcessLimits {
  readonly openFiles: number | undefined
  readonly fileBytes: number | undefined
  readonly addressBytes: number | undefined
  readonly lockedBytes: number | undefined
}

export interface PidNamespace {
  /** Whether it is the host's own; undefined: the system does not tell. */
  readonly isHosts: boolean | undefined
}

export interface EndpointFacts {
  readonly endpoint: string
  /** Why it was not reached. */
  readonly failure?: string
  /** A Python server: it cannot tell of its topics. */
  readonly original?: boolean
  readonly topics?: readonly EndpointTopic[]
}

export interface EndpointTopic {
  readonly topic: string
  readonly kind: string
  readonly access: TopicAccess['access']
  readonly reason?: string
}

/**
 * What a file of ours, or of the original robotmq, in /dev/shm is:
 * - `topic`, `queue`: a segment of `@rmq/shm`
 * - `robotmq topic`: the memory of a topic of a Python server
 * - `request`: a request that waits in a file for a Python server
 * - `bell`: what wakes a thread; `mutex`: without its memory; `temporary`: of something that is being made
 */
export type SharedMemoryKind = 'topic' | 'queue' | 'robotmq topic' | 'request' | 'bell' | 'mutex' | 'temporary'

/** One file in /dev/shm; with its `_mutex`, where it has one. */
export interface SharedMemoryFile {
  readonly kind: SharedMemoryKind
  readonly path: string
  /** Of the topic or queue, where that is told; of a robotmq topic behind the server's: `server_topic`. */
  readonly name: string | undefined
  /** Numerical id of the user whose file it is. */
  readonly user: number
  /** Numerical id of the group that may use it too. */
  readonly group: number | undefined
  /** The process that made it, as that process knows itself: another pid namespace may count differently. */
  readonly creatorPid: number | undefined
  /** How large it says it is. */
  readonly bytes: number
  /** How much memory it takes now: less where it is sparse. */
  readonly allocatedBytes: number
  readonly ageS: number
  /** Whether a living process holds it, running or stopped, in whatever namespace. undefined: `note` says why not known. */
  readonly held: boolean | undefined
  /** Nobody holds it, and it is of a kind that may be removed then. */
  readonly stale: boolean
  /** Topics and queues. */
  readonly segment: SegmentFacts | undefined
  /** What is not as it should be, for people. */
  readonly note: string | undefined
}

/** What a segment tells; of one that is damaged or of another version only the first three are known. */
export interface SegmentFacts {
  /** The version of its memory layout; undefined where it has no readable header. */
  readonly abi: number | undefined
  /** Attachments that are alive: threads, each process has one at least. */
  readonly attachments: number
  /** Records in place that somebody reads or is about to pass on. */
  readonly leases: number
  readonly runId?: string
  readonly capacityBytes?: number
  readonly maxRecords?: number
  readonly records?: number
  readonly recordBytes?: number
  readonly published?: number
  /** The living processes that have it attached. */
  readonly processes?: readonly SegmentProcess[]
}

export interface SegmentProcess {
  readonly pid: number
  /** Whether that number means the same process here: it lives in this pid namespace. */
  readonly here: boolean
}

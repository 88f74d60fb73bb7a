import type { InspectingAddon } from './inspecting-types.ts'
import type { LegacyAddon } from './legacy-types.ts'

/**
 * What the native addon offers. It holds no logic: every function checks its arguments (a wrong type throws a TypeError)
 * and calls the ring. Outcomes are the ring's status numbers; results that share a number with a status use negative
 * numbers for the status.
 */
export interface NativeAddon extends LegacyAddon, InspectingAddon {
  /** Names of the ring's statuses by their number: `['OK', 'EMPTY', …]`. */
  readonly statusNames: readonly string[]
  /** The version of the memory layout. */
  readonly abi: number
  /** Whether memory outside of V8's heap can be seen without a copy: not in runtimes with a memory cage. */
  readonly zeroCopy: boolean
  createSegment(path: string, options: NativeCreateOptions): NativeSegment | NativeFailure
  attachSegment(path: string, options: NativeAttachOptions): NativeSegment | NativeFailure
  /** Unlinks a segment that nobody alive holds. FULL: it has records, and was to go only if it has none. */
  removeSegment(
    path: string,
    options: NativeAttachOptions & { readonly onlyIfEmpty?: boolean },
  ): NativeFailure | undefined
  openBell(directory: string, group: number | undefined): NativeBell | NativeFailure
  /** This host's boot id, and the inode of this process's time namespace: `"4026531834"`. */
  hostIdentity(): { readonly bootId: string; readonly timeNamespace: string; readonly user: number }
}

/** Why something could not be opened. Fields that do not apply are 0 or ''. */
export interface NativeFailure {
  readonly status: number
  readonly errno: number
  readonly expectedAbi: number
  readonly foundAbi: number
  readonly neededBytes: number
  readonly availableBytes: number
  readonly reason: string
}

export interface NativeAttachOptions {
  /** Numerical id of the group that is trusted beside this user. */
  readonly group?: number
  readonly lockTimeoutNs: number
  /** Enter all payload pages now instead of on first use. */
  readonly prefaultArena?: boolean
}

export interface NativeCreateOptions extends NativeAttachOptions {
  /** A queue instead of a topic: strict FIFO, nothing is evicted; ttlNs must be 0. */
  readonly queue?: boolean
  readonly capacityBytes: number
  readonly maxRecords: number
  /** 0: as much as the capacity. */
  readonly maxRecordBytes: number
  /** 0: records do not age. */
  readonly ttlNs: number
  readonly participants: number
  /** 0: a quarter of the capacity. */
  readonly leaseBudgetBytes: number
  /** UTF-8, at most 1024 bytes. */
  readonly description: string
}

/** The FIFO that wakes this environment. The file is unlinked when the bell is closed, collected, or its environment ends. */
export interface NativeBell {
  /** Hands the descriptor over to someone who will close it. Once. */
  detachFd(): number
  close(): void
}

/** Which cells of {@link NativeSegment.info} hold what. */
export const INFO = {
  SEQUENCE: 0,
  /** Nanoseconds on the host's steady clock. */
  TIME_NS: 1,
  /** Nanoseconds on the host's steady clock; 0: none. */
  CAPTURE_NS: 2,
  BYTE_LENGTH: 3,
  /** Where the record begins in the file. */
  START: 4,
  /** Of the last lease or loan. */
  SLOT: 5,
  /** Of the follower: records that could not be got before this one. */
  LOST: 6,
  CELLS: 7,
} as const

/** Which cells of {@link NativeSegment.state} hold what. */
export const STATE = {
  NEXT_SEQUENCE: 0,
  OLDEST_SEQUENCE: 1,
  LIVE_RECORDS: 2,
  LIVE_BYTES: 3,
  PUBLISHED_BYTES: 4,
  EVICTED: 5,
  EXPIRED: 6,
  POPPED: 7,
  ABORTED: 8,
  REJECTED: 9,
  REBUILDS: 10,
  BURIALS: 11,
  /** Steady clock of the newest record ever put; 0: there never was one. */
  NEWEST_NS: 12,
  CELLS: 13,
} as const

/** One attachment to a segment, of one environment. After `close` every call answers the status CLOSED. */
export interface NativeSegment {
  /** Written by the calls that say so; see {@link INFO}. */
  readonly info: Float64Array
  /**
   * Queues: where `takeItem` leaves items of up to 4096 bytes and `putSmall` finds them, and `takePacked` and
   * `putPacked` many, 64 KiB in all. Behind it in the same ArrayBuffer lie 256 lengths, of 32 bits each, for these.
   */
  readonly small: Uint8Array
  readonly queue: boolean
  readonly description: string
  readonly totalBytes: number
  readonly capacityBytes: number
  readonly maxRecordBytes: number
  readonly maxRecords: number

  // --- writing
  /** @param captureNs 0 for none @returns the sequence, or a negative status */
  put(data: Uint8Array, captureNs: number): number
  /** @returns the room, its slot in INFO.SLOT; or a negative status. At most three are open at once. */
  loan(byteLength: number): ArrayBuffer | number
  /** Detaches the room's ArrayBuffer. @returns the sequence, or a negative status; WRITER_STALLED leaves the loan open, detached */
  commit(slot: number, byteLength: number, captureNs: number): number
  /** Detaches the room's ArrayBuffer. */
  discard(slot: number): number
  /** Adds to the segment's count of refused puts. */
  reject(count: number): void

  // --- queues. `tag` marks how an item is encoded: one with another tag is not taken, but answered by VERSION_MISMATCH
  /** Blocks this thread for as long until there is room. @returns the sequence, or a negative status: FULL at once, TIMED_OUT */
  putItem(data: Uint8Array, tag: number, timeoutNs: number): number
  /** The same for the first bytes of `small`. */
  putSmall(byteLength: number, tag: number, timeoutNs: number): number
  /** From the index on, in order, as many as there is room for. @returns how many, or a negative status where none went in */
  putItems(items: readonly Uint8Array[], from: number, tag: number): number
  /** The first `count` of those packed into `small`. @returns as `putItems` */
  putPacked(count: number, tag: number): number
  /**
   * Blocks this thread for as long until there is one.
   * @returns its length, its bytes being the first of `small`; a larger one itself; or a negative status: EMPTY at once, TIMED_OUT
   */
  takeItem(tag: number, timeoutNs: number): number | ArrayBuffer
  /**
   * Up to `max` (at most 256) that are there, one behind the other in `small`, up to the first of more than 4096 bytes.
   * @returns how many, or a negative status: EMPTY, and NO_BUFFER where the first is larger
   */
  takePacked(max: number, tag: number): number
  /** Copies of what was there at one moment. @returns a negative status */
  snapshot(tag: number): NativeItems | number
  /** How many items there are, or a negative status. */
  depth(): number

  // --- reading by copy: payloads in fresh memory of their own
  /**
   * `n > 0` the oldest n, `n < 0` the newest |n|, `n = 0` all. Each is `{ data, … }` by four entries in `meta`: sequence,
   * timeNs, captureNs, start.
   * @returns a negative status other than EMPTY, or what was read before it ended
   */
  read(n: number, take: boolean): { readonly buffers: ArrayBuffer[]; readonly meta: Float64Array } | number
  /** Copies the newest (-1) or oldest (1) record to the beginning of `target` and fills `info`. @returns a status; NO_BUFFER fills `info` too */
  readInto(n: number, target: Uint8Array): number
  /** One record by its sequence, `info` filled. @returns its bytes or a status */
  readOne(sequence: number, take: boolean): ArrayBuffer | number
  /** The sequences that `read` of `n` would walk, without reading. */
  sequences(n: number): Float64Array
  /** Of all records that are there, the oldest first, three entries each: sequence, timeNs, captureNs. */
  times(): Float64Array

  // --- reading in place
  /** @param sequence 0 for the newest; fills `info`, SLOT and START too @returns a status */
  lease(sequence: number): number
  /** Removes the leased record from the topic; its bytes stay. @returns OK, or GONE where somebody else was faster */
  takeLeased(slot: number): number
  /** The leased bytes: an external ArrayBuffer, a copy without `zeroCopy`. Once per slot. */
  leaseBytes(slot: number): ArrayBuffer
  /** Detaches the ArrayBuffer, if there is one, then lets the record go. May be called again. */
  unlease(slot: number): void

  // --- following
  follow(start: number): NativeFollower

  // --- waiting
  setBell(bell: NativeBell | undefined): void
  /** @returns OK: one ring follows; EXISTS: it is already there (or the segment was retired), nothing is armed */
  arm(cursor: number): number
  disarm(): void
  /** Queues: one ring follows once there may be room; put again first. @returns a status */
  armSpace(): number
  disarmSpace(): void
  /** Looks for at most this long, without sleeping, for the record numbered `cursor`. @returns whether it is there */
  spin(cursor: number, microseconds: number): boolean

  // --- looking
  nextSequence(): number
  oldestSequence(): number
  /** Its life is over: whoever waits is woken by this, and no put is taken any more. What is there can be read. */
  retire(): void
  isRetired(): boolean
  /** See {@link STATE}. */
  state(): Float64Array
  participants(): readonly {
    readonly pid: number
    readonly alive: boolean
    readonly leases: number
    readonly pinnedBytes: number
  }[]
  /** Cleans up after the dead. @returns how many there were */
  reap(): number
  /** Who held the lock when a call answered WRITER_STALLED; 0: nobody did. */
  stalledPid(): number
  /** Whether the path still leads to this segment. */
  isNamed(): boolean
  /**
   * Removes the name (and `_mutex` first): nobody new can attach; who is attached goes on.
   * @returns a status: OK, NOT_FOUND where the path leads elsewhere, IN_USE where somebody is stuck in attaching
   */
  unlink(): number
  close(): void
}

/** Items of up to 4096 bytes one behind the other, larger ones in memory of their own, from `skippedLarge` on. */
export interface NativeItems {
  readonly packed: ArrayBuffer
  readonly large: readonly ArrayBuffer[]
  readonly skippedLarge: number
  /** Of all, in order. */
  readonly lengths: Float64Array
}

/** A cursor over a segment; see the ring's Subscriber. */
export interface NativeFollower {
  /** The next record in memory of its own, `info` of the segment filled, LOST too. @returns its bytes, or a status such as EMPTY */
  next(): ArrayBuffer | number
  /** The next record as a lease of the segment, `info` filled: SLOT, LOST. @returns a status */
  nextLease(): number
  skipToNewest(): void
  /** The sequence of the record wanted next. */
  cursor(): number
  /** Received, lost, skipped. */
  counts(): Float64Array
}

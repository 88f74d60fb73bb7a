import { setTimeout as pause } from 'node:timers/promises'
import { RmqError } from '@rmq/core'
import { onExit } from '../exit-hook.ts'
import { loadAddon } from '../native/addon.ts'
import type { NativeItems, NativeSegment } from '../native/addon-types.ts'
import { LOCK_TIMEOUT_NS } from '../open-segment.ts'
import { Status } from '../status.ts'
import { bytesCodec, codecTag, type QueueCodec } from './codec.ts'
import { endOfLarge, PackedItems, SMALL_BYTES, unpack } from './packed-items.ts'
import { queueError } from './queue-error.ts'
import { createQueueFile, openQueueFile, type QueueFile, queuePath } from './queue-file.ts'
import { type QueueMetrics, readMetrics } from './queue-metrics.ts'
import { planQueue, type QueueCreateOptions, type QueueOpenOptions, requireNames } from './queue-options.ts'
import { WaitingLines } from './waiting-line.ts'

/** How long a call may wait, and what ends it before. */
export interface QueueWaitOptions {
  /** Seconds. @default Infinity */
  readonly timeoutS?: number
  /** Rejects with its reason. */
  readonly signal?: AbortSignal
}

/** As good as for ever, and a number that the addon takes. */
const LONGEST_NS = 2 ** 62
const LOOK_MS = 20

/**
 * A queue in shared memory: any number of processes and threads of one host put and take, each item goes to one of them,
 * first in, first out. Any of them may be killed at any instruction; the others go on, and lose at most the item that a
 * killed one had in its hands.
 */
export class SharedQueue<T = Uint8Array> {
  readonly name: string
  /** How many items it holds. */
  readonly capacity: number
  /** The most bytes of one encoded item. */
  readonly maxItemBytes: number
  readonly #file: QueueFile
  readonly #codec: QueueCodec<T>
  readonly #tag: number
  // Kept apart: looking them up in the addon's object costs as much as half a call.
  readonly #putItem: NativeSegment['putItem']
  readonly #putSmall: NativeSegment['putSmall']
  readonly #takeItem: NativeSegment['takeItem']
  readonly #small: Uint8Array
  readonly #packed: PackedItems
  readonly #lines: WaitingLines
  readonly #unlinkWhenLast: boolean
  readonly #dropExitHook: () => void
  #closed = false

  private constructor(file: QueueFile, { codec, unlinkWhenLast = false }: QueueOpenOptions<T>) {
    this.#file = file
    this.#codec = codec ?? (bytesCodec as unknown as QueueCodec<T>)
    this.#tag = codecTag(this.#codec)
    this.#putItem = file.native.putItem
    this.#putSmall = file.native.putSmall
    this.#takeItem = file.native.takeItem
    this.#small = file.native.small
    this.#packed = new PackedItems(file.native.small)
    this.#lines = new WaitingLines(file.native, file.group)
    this.#unlinkWhenLast = unlinkWhenLast
    this.name = file.name
    this.capacity = file.native.maxRecords
    this.maxItemBytes = file.native.maxRecordBytes
    this.#dropExitHook = onExit(() => this.close())
  }

  /**
   * Makes a queue. It stays, with what is in it, until somebody unlinks it or the host restarts.
   * @throws TOPIC_EXISTS where there is one of this name and run; INVALID_ARGUMENT, NO_SPACE, PERMISSION_DENIED
   */
  static create<T = Uint8Array>(name: string, options: QueueCreateOptions<T>): SharedQueue<T> {
    const queue = tryCreate(name, options)
    if (queue !== undefined) return new SharedQueue(queue, options)
    throw new RmqError('TOPIC_EXISTS', `Queue "${name}" exists already: open it, unlink it, or choose another runId.`)
  }

  /**
   * Opens a queue that somebody made, or will make within `timeoutS` seconds (default 0).
   * @throws TOPIC_NOT_FOUND, PERMISSION_DENIED, VERSION_MISMATCH, CORRUPT, NO_SPACE
   */
  static async open<T = Uint8Array>(
    name: string,
    options: QueueOpenOptions<T> & QueueWaitOptions = {},
  ): Promise<SharedQueue<T>> {
    const { runId = '', timeoutS = 0, signal } = options
    requireNames(name, options)
    requireTimeout(timeoutS)
    const deadline = performance.now() + timeoutS * 1000
    for (;;) {
      signal?.throwIfAborted()
      const file = openQueueFile(name, runId)
      if (file !== undefined) return new SharedQueue(file, options)
      if (performance.now() >= deadline) {
        throw new RmqError('TOPIC_NOT_FOUND', `There is no queue "${name}"${runId === '' ? '' : ` of run "${runId}"`}.`)
      }
      await pause(LOOK_MS)
    }
  }

  /** Opens the queue, or makes it where there is none. The options of whoever made it count. */
  static openOrCreate<T = Uint8Array>(name: string, options: QueueCreateOptions<T>): SharedQueue<T> {
    for (;;) {
      const file = tryCreate(name, options) ?? openQueueFile(name, options.runId ?? '')
      if (file !== undefined) return new SharedQueue(file, options)
    }
  }

  /**
   * Removes the queue of this name where nobody has it open.
   * @returns whether there is none any more
   */
  static unlink(name: string, { runId = '' }: { readonly runId?: string } = {}): boolean {
    requireNames(name, { runId })
    const failure = loadAddon().removeSegment(queuePath(name, runId), { lockTimeoutNs: LOCK_TIMEOUT_NS })
    return failure === undefined || failure.status === Status.NOT_FOUND
  }

  /** @throws (rejects) TIMEOUT, MESSAGE_TOO_LARGE, CLOSED, STALLED, or the signal's reason */
  async put(item: T, options: QueueWaitOptions = {}): Promise<void> {
    checkWait(options)
    const bytes = this.#encode(item)
    const attempt = () => this.#tryPut(bytes)
    if (!this.#lines.anyForRoom && attempt()) return
    return this.#lines.untilRoom(attempt, options, () => this.#error(Status.TIMED_OUT))
  }

  /** @throws (rejects) TIMEOUT, VERSION_MISMATCH where it was put by another codec, CLOSED, or the signal's reason */
  async get(options: QueueWaitOptions = {}): Promise<T> {
    checkWait(options)
    let bytes: Uint8Array | undefined
    const attempt = () => {
      bytes = this.#tryTake()
      return bytes !== undefined
    }
    if (this.#lines.anyForItems || !attempt()) {
      await this.#lines.untilItem(attempt, options, () => this.#error(Status.TIMED_OUT))
    }
    return this.#decode(bytes as Uint8Array)
  }

  /** @throws QUEUE_FULL, MESSAGE_TOO_LARGE, CLOSED, STALLED */
  putNowait(item: T): void {
    this.#putSync(item, 0)
  }

  /** @throws QUEUE_EMPTY, VERSION_MISMATCH, CLOSED */
  getNowait(): T {
    return this.#getSync(0)
  }

  /**
   * Blocks this thread until there is room. Nothing else runs in it meanwhile, no timer and no signal's handler: for
   * workers and programs that do nothing else.
   * @throws as `put`
   */
  putSync(item: T, options?: { readonly timeoutS?: number }): void {
    this.#putSync(item, toNs(options?.timeoutS))
  }

  /** Blocks this thread until there is an item; see `putSync`. @throws as `get` */
  getSync(options?: { readonly timeoutS?: number }): T {
    return this.#getSync(toNs(options?.timeoutS))
  }

  /**
   * Puts them in order, as many as there is room for, and waits for room for the rest. Those of one process may have
   * others between them.
   * @returns how many went in: all, unless the time was over before
   */
  async putBatch(items: readonly T[], options: QueueWaitOptions = {}): Promise<number> {
    checkWait(options)
    const batch = this.#encodeAll(items)
    let put = 0
    const attempt = () => {
      put += this.#tryPutMany(batch, put)
      return put === batch.length
    }
    if (!this.#lines.anyForRoom && attempt()) return put
    const late = this.#error(Status.TIMED_OUT)
    await this.#lines
      .untilRoom(attempt, options, () => late)
      .catch((thrown) => {
        if (thrown !== late) throw thrown
      })
    return put
  }

  /**
   * Waits for one item, then takes what else is there: at most `max`. Small ones share an ArrayBuffer.
   * @throws (rejects) as `get`
   */
  async getBatch(max: number, options: QueueWaitOptions = {}): Promise<T[]> {
    checkWait(options)
    requireMax(max)
    let items: Uint8Array[] = []
    const attempt = () => {
      items = this.#tryTakeMany(max)
      return items.length > 0
    }
    if (this.#lines.anyForItems || !attempt()) {
      await this.#lines.untilItem(attempt, options, () => this.#error(Status.TIMED_OUT))
    }
    return items.map((bytes) => this.#decode(bytes))
  }

  /** As many of them as there is room for now. @returns how many went in */
  putBatchNowait(items: readonly T[]): number {
    return this.#tryPutMany(this.#encodeAll(items), 0)
  }

  /** What is there now, at most `max`. */
  getBatchNowait(max: number): T[] {
    requireMax(max)
    return this.#tryTakeMany(max).map((bytes) => this.#decode(bytes))
  }

  get size(): number {
    const size = this.#file.native.depth()
    if (size < 0) throw this.#error(-size)
    return size
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  /** Whether it holds as many items as it may; large ones can be told QUEUE_FULL earlier, by their bytes. */
  get isFull(): boolean {
    return this.size >= this.capacity
  }

  get closed(): boolean {
    return this.#closed
  }

  metrics(): QueueMetrics {
    if (this.#closed) throw this.#error(Status.CLOSED)
    return readMetrics(this.#file.native)
  }

  /** Copies of all items that were in it at one moment, oldest first; they stay. */
  snapshot(): T[] {
    return unpack(this.#require(this.#file.native.snapshot(this.#tag))).map((bytes) => this.#decode(bytes))
  }

  /** For everybody: nothing is put any more. What is in it can be taken, then takers are told CLOSED. */
  end(): void {
    this.#file.native.retire()
    this.#lines.look()
  }

  /** Lets go of it here; who waits here is told CLOSED. May be called again. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#dropExitHook()
    const { native, path, group } = this.#file
    this.#lines.close(this.#error(Status.CLOSED))
    // The bells of the dead are named in the segment alone.
    native.reap()
    native.close()
    if (!this.#unlinkWhenLast) return
    loadAddon().removeSegment(path, { lockTimeoutNs: LOCK_TIMEOUT_NS, ...(group !== undefined && { group }) })
  }

  /** Takes its name away: nobody new can open it, who has it open goes on, and the memory goes with the last of them. */
  unlink(): void {
    const status = this.#file.native.unlink()
    if (status !== Status.OK && status !== Status.NOT_FOUND) throw this.#error(status)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
  }

  /** Takes items for ever; ends when the queue is ended and empty, or closed here. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let item: T
      try {
        item = await this.get()
      } catch (thrown) {
        if (RmqError.isInstance(thrown) && thrown.code === 'CLOSED') return
        throw thrown
      }
      yield item
    }
  }

  #encode(item: T): Uint8Array {
    const bytes = this.#codec.encode(item)
    if (bytes instanceof Uint8Array) return bytes
    throw new RmqError('INVALID_ARGUMENT', `Queue "${this.name}": codec "${this.#codec.id}" gave no Uint8Array.`)
  }

  /** None is put where one of them never could be. */
  #encodeAll(items: readonly T[]): Uint8Array[] {
    const batch: Uint8Array[] = []
    for (let i = 0; i < items.length; i++) {
      const bytes = this.#encode(items[i]!)
      if (bytes.length > this.maxItemBytes) {
        this.#file.native.reject(1)
        throw this.#error(Status.TOO_LARGE, bytes.length)
      }
      batch.push(bytes)
    }
    return batch
  }

  #decode(bytes: Uint8Array): T {
    return this.#codec.decode(bytes)
  }

  #putSync(item: T, timeoutNs: number): void {
    const bytes = this.#encode(item)
    const outcome = this.#offer(bytes, timeoutNs)
    if (outcome < 0) throw this.#error(-outcome, bytes.byteLength)
  }

  /** @returns the item's number, or a negative status */
  #offer(bytes: Uint8Array, timeoutNs: number): number {
    const { length } = bytes
    if (length > SMALL_BYTES) {
      const putItem = this.#putItem
      return putItem(bytes, this.#tag, timeoutNs)
    }
    this.#small.set(bytes)
    const putSmall = this.#putSmall
    return putSmall(length, this.#tag, timeoutNs)
  }

  #getSync(timeoutNs: number): T {
    const takeItem = this.#takeItem
    return this.#codec.decode(this.#bytes(takeItem(this.#tag, timeoutNs)))
  }

  #bytes(outcome: number | ArrayBuffer): Uint8Array {
    if (typeof outcome !== 'number') return new Uint8Array(outcome)
    if (outcome < 0) throw this.#error(-outcome)
    return this.#small.slice(0, outcome)
  }

  #tryPut(bytes: Uint8Array): boolean {
    const outcome = this.#offer(bytes, 0)
    if (outcome > 0) return true
    if (outcome === -Status.FULL) return false
    throw this.#error(-outcome, bytes.byteLength)
  }

  /** From the index on, as many as there is room for. @returns how many went in */
  #tryPutMany(batch: readonly Uint8Array[], from: number): number {
    let at = from
    while (at < batch.length) {
      const small = batch[at]!.length <= SMALL_BYTES
      const end = small ? this.#packed.pack(batch, at) : endOfLarge(batch, at)
      const { native } = this.#file
      const outcome = small
        ? native.putPacked(end - at, this.#tag)
        : native.putItems(batch.slice(at, end), 0, this.#tag)
      if (outcome < 0 && outcome !== -Status.FULL) {
        // What is in is in: the next call tells what is wrong.
        if (at > from) break
        throw this.#error(-outcome)
      }
      at += Math.max(outcome, 0)
      if (at < end) break
    }
    return at - from
  }

  #tryTake(): Uint8Array | undefined {
    const outcome = this.#file.native.takeItem(this.#tag, 0)
    return outcome === -Status.EMPTY ? undefined : this.#bytes(outcome)
  }

  /** What is there, at most `max`. What is wrong with the next one is told when it is asked for alone. */
  #tryTakeMany(max: number): Uint8Array[] {
    const { native } = this.#file
    const items: Uint8Array[] = []
    while (items.length < max) {
      const count = native.takePacked(Math.min(max - items.length, this.#packed.most), this.#tag)
      if (count > 0) {
        this.#packed.appendTo(items, count)
        continue
      }
      const large = count === -Status.NO_BUFFER ? native.takeItem(this.#tag, 0) : count
      if (typeof large === 'number' && large < 0) {
        if (items.length > 0 || large === -Status.EMPTY) break
        throw this.#error(-large)
      }
      items.push(this.#bytes(large))
    }
    return items
  }

  #require(outcome: NativeItems | number): NativeItems {
    if (typeof outcome === 'number') throw this.#error(-outcome)
    return outcome
  }

  #error(status: number, byteLength?: number): RmqError {
    return queueError(this.#file, status, this.#codec.id, byteLength)
  }
}

function tryCreate<T>(name: string, options: QueueCreateOptions<T>): QueueFile | undefined {
  const plan = planQueue(options)
  requireNames(name, options)
  return createQueueFile(name, options.runId ?? '', options.codec?.id ?? bytesCodec.id, plan)
}

function checkWait({ timeoutS = 0, signal }: QueueWaitOptions): void {
  requireTimeout(timeoutS)
  signal?.throwIfAborted()
}

function requireTimeout(timeoutS: number): void {
  if (typeof timeoutS === 'number' && timeoutS >= 0) return
  throw new RmqError('INVALID_ARGUMENT', `timeoutS must be a number of seconds, at least 0, got ${String(timeoutS)}.`)
}

function requireMax(max: number): void {
  if (Number.isInteger(max) && max > 0 && max < 2 ** 32) return
  throw new RmqError('INVALID_ARGUMENT', `max must be a whole number from 1, got ${String(max)}.`)
}

function toNs(timeoutS: number | undefined): number {
  if (timeoutS === undefined) return LONGEST_NS
  requireTimeout(timeoutS)
  return Math.min(timeoutS * 1e9, LONGEST_NS)
}

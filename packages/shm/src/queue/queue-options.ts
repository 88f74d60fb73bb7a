import { RmqError } from '@rmq/core'
import { type QueueCodec, requireCodec } from './codec.ts'

/** What opening takes. */
export interface QueueOpenOptions<T = Uint8Array> {
  /** Sets the queues of one run of a program apart from those of another. @default '', one for the whole host */
  readonly runId?: string
  /** How items are encoded. @default items are bytes */
  readonly codec?: QueueCodec<T>
  /** Remove the queue when this closes and nobody else has it open. @default false */
  readonly unlinkWhenLast?: boolean
}

/** What creating takes. */
export interface QueueCreateOptions<T = Uint8Array> extends QueueOpenOptions<T>, QueueLimits {}

export interface QueueLimits {
  /** How many items it holds, exactly. */
  readonly capacity: number
  /** The most bytes of one encoded item. */
  readonly maxItemBytes: number
  /**
   * Room for the items' bytes, each rounded up to 64; less than the default where items are mostly small.
   * @default as much as `capacity` items of `maxItemBytes` need, whatever sizes come in between
   */
  readonly capacityBytes?: number
  /** How many threads and processes may have it open at once, 1 to 256. @default 64 */
  readonly participants?: number
  /** Numerical id of a group whose members may open it too. @default only processes of this user */
  readonly group?: number
}

/** The same, checked and complete. */
export interface QueuePlan {
  readonly capacity: number
  readonly maxItemBytes: number
  readonly capacityBytes: number
  readonly participants: number
  readonly group: number | undefined
}

const MAX_BYTES = 2 ** 37
const MAX_ITEMS = 2 ** 22
const MAX_NAME_BYTES = 255
/** Items begin at multiples of this. */
const GRANULE = 64
/** One item's room is lost at the end of the memory, another one before the oldest item. */
const SLACK = 2

/** @throws INVALID_ARGUMENT naming the option */
export function planQueue(options: QueueLimits): QueuePlan {
  if (typeof options !== 'object' || options === null) {
    throw refusal('A queue needs options: { capacity: 100, maxItemBytes: 1024 }.')
  }
  const { capacity, maxItemBytes, participants = 64, group } = options
  requireInteger('capacity', capacity, 1, MAX_ITEMS)
  requireInteger('maxItemBytes', maxItemBytes, 1, MAX_BYTES)
  const footprint = Math.ceil(maxItemBytes / GRANULE) * GRANULE
  const { capacityBytes = (capacity + SLACK) * footprint } = options
  requireInteger('capacityBytes', capacityBytes, maxItemBytes, MAX_BYTES)
  requireInteger('participants', participants, 1, 256)
  if (group !== undefined) requireInteger('group', group, 0, 2 ** 32 - 2)
  return { capacity, maxItemBytes, capacityBytes, participants, group }
}

/** @throws INVALID_ARGUMENT */
export function requireNames(
  name: unknown,
  { runId = '', codec }: { readonly runId?: string; readonly codec?: unknown },
): void {
  if (typeof name !== 'string' || name === '' || Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw refusal(`A queue's name must be text of 1 to ${MAX_NAME_BYTES} bytes.`)
  }
  if (typeof runId !== 'string' || Buffer.byteLength(runId) > MAX_NAME_BYTES) {
    throw refusal(`runId must be text of at most ${MAX_NAME_BYTES} bytes.`)
  }
  if (codec !== undefined) requireCodec(codec)
}

function requireInteger(name: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return
  throw refusal(`${name} must be a whole number from ${least} to ${most}, got ${String(value)}.`)
}

function refusal(message: string): RmqError {
  return new RmqError('INVALID_ARGUMENT', message)
}

import { RmqError } from '@rmq/core'

/** What `addSharedMemoryTopic` takes. */
export interface SharedMemoryTopicOptions {
  /** Seconds that a record stays readable; greater than 0. More than 9e6 (104 days) is as good as Infinity. */
  readonly messageRemainingTimeS: number
  /** Room for the payloads, in GiB as robotmq counts; the alternative to `capacityBytes`. */
  readonly sharedMemorySizeGb?: number
  /** Room for the payloads, in bytes (rounded up to whole pages of 4096); the alternative to `sharedMemorySizeGb`. */
  readonly capacityBytes?: number
  /** The oldest records leave when there are more. @default one per KiB of room, at least 1024, at most 65,536 */
  readonly maxRecords?: number
  /** How many threads and processes may have the topic attached at once, 1 to 256; the server takes two. @default 64 */
  readonly participants?: number
  /**
   * Numerical id of a group whose members may attach too, with all rights that the owner has.
   * @default only processes of this user
   */
  readonly group?: number
  /** Whether Python clients on ipc endpoints read payloads in place; false sends them the bytes. @default true */
  readonly byReference?: boolean
}

/** The same, checked and complete. */
export interface TopicPlan {
  readonly messageRemainingTimeS: number
  readonly capacityBytes: number
  readonly maxRecords: number
  readonly participants: number
  readonly group: number | undefined
  readonly byReference: boolean
}

const MAX_CAPACITY_BYTES = 2 ** 37
const MAX_RECORDS = 2 ** 22
const MAX_PARTICIPANTS = 256
const MAX_GROUP = 2 ** 32 - 2

/** @throws INVALID_ARGUMENT naming the option */
export function parseTopicOptions(options: SharedMemoryTopicOptions): TopicPlan {
  if (typeof options !== 'object' || options === null) {
    throw refusal('A shared memory topic needs options: { messageRemainingTimeS: 10, sharedMemorySizeGb: 0.25 }.')
  }
  const { messageRemainingTimeS, participants = 64, group, byReference = true } = options
  if (!(typeof messageRemainingTimeS === 'number' && messageRemainingTimeS > 0)) {
    throw refusal(
      `messageRemainingTimeS must be a number of seconds greater than 0, got ${String(messageRemainingTimeS)}.`,
    )
  }
  const capacityBytes = parseCapacity(options)
  const { maxRecords = Math.min(Math.max(Math.floor(capacityBytes / 1024), 1024), 65_536) } = options
  requireInteger('maxRecords', maxRecords, 1, MAX_RECORDS)
  requireInteger('participants', participants, 1, MAX_PARTICIPANTS)
  if (group !== undefined) requireInteger('group', group, 0, MAX_GROUP)
  if (typeof byReference !== 'boolean') throw refusal(`byReference must be true or false, got ${String(byReference)}.`)
  return { messageRemainingTimeS, capacityBytes, maxRecords, participants, group, byReference }
}

function parseCapacity({ sharedMemorySizeGb, capacityBytes }: SharedMemoryTopicOptions): number {
  if ((sharedMemorySizeGb === undefined) === (capacityBytes === undefined)) {
    throw refusal('A shared memory topic needs either sharedMemorySizeGb or capacityBytes, and not both.')
  }
  if (capacityBytes !== undefined) {
    requireInteger('capacityBytes', capacityBytes, 1, MAX_CAPACITY_BYTES)
    return capacityBytes
  }
  const bytes = typeof sharedMemorySizeGb === 'number' ? Math.ceil(sharedMemorySizeGb * 2 ** 30) : Number.NaN
  if (!(bytes >= 1 && bytes <= MAX_CAPACITY_BYTES)) {
    throw refusal(
      `sharedMemorySizeGb must be a number of GiB greater than 0, at most ${MAX_CAPACITY_BYTES / 2 ** 30}, ` +
        `got ${String(sharedMemorySizeGb)}.`,
    )
  }
  return bytes
}

function requireInteger(name: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return
  throw refusal(`${name} must be a whole number from ${least} to ${most}, got ${String(value)}.`)
}

function refusal(message: string): RmqError {
  return new RmqError('INVALID_ARGUMENT', message)
}

import { RmqError, type TopicAddress } from '@rmq/core'

/** What the creator of a segment tells those who attach. */
export interface SegmentDescription extends TopicAddress {
  readonly epoch: string
  /** The steady clock's reading, in microseconds, at the server's timestamp 0. */
  readonly zeroUs: number
  readonly messageRemainingTimeS: number
  readonly maxRecords: number
  readonly group: number | undefined
  readonly byReference: boolean
  /** Of the creator: its numerical user id, process id and time namespace. */
  readonly user: number
  readonly pid: number
  readonly timeNamespace: string
}

const VERSION = 1
/** Of the room in a segment. */
const MAX_BYTES = 1024

export function writeDescription(description: SegmentDescription): string {
  const { name, messageRemainingTimeS, group, ...rest } = description
  const fields = {
    version: VERSION,
    ...rest,
    // JSON has no Infinity.
    messageRemainingTimeS: Number.isFinite(messageRemainingTimeS) ? messageRemainingTimeS : null,
    group: group ?? null,
  }
  const whole = JSON.stringify({ ...fields, name })
  // A name of 255 control characters takes six times as much: the file's own name is its hash, and that must do.
  return Buffer.byteLength(whole) <= MAX_BYTES ? whole : JSON.stringify({ ...fields, name: null })
}

/** @throws CORRUPT, VERSION_MISMATCH */
export function parseDescription(text: string, { name, server }: TopicAddress): SegmentDescription {
  const fields = parseObject(text, name)
  const { version } = fields
  if (version !== VERSION) {
    throw new RmqError(
      'VERSION_MISMATCH',
      `The shared memory of topic "${name}" is described in version ${JSON.stringify(version)}, and this @rmq/shm knows ` +
        `version ${VERSION}: install the same version of @rmq/shm on both sides.`,
    )
  }
  const take = <T>(field: string, valid: (value: unknown) => boolean): T => {
    if (valid(fields[field])) return fields[field] as T
    throw corrupt(name, `its ${field} is ${JSON.stringify(fields[field])}`)
  }
  const told = take<string | null>('name', (value) => value === null || value === name)
  const remaining = take<number | null>('messageRemainingTimeS', (value) => value === null || isPositive(value))
  return {
    name: (told ?? name) as TopicAddress['name'],
    server: take('server', (value) => value === server),
    epoch: take('epoch', isText),
    zeroUs: take('zeroUs', Number.isFinite),
    messageRemainingTimeS: remaining ?? Number.POSITIVE_INFINITY,
    maxRecords: take('maxRecords', isPositive),
    group: take<number | null>('group', (value) => value === null || Number.isInteger(value)) ?? undefined,
    byReference: take('byReference', (value) => typeof value === 'boolean'),
    user: take('user', Number.isInteger),
    pid: take('pid', Number.isInteger),
    timeNamespace: take('timeNamespace', isText),
  }
}

function parseObject(text: string, name: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw corrupt(name, 'it is no JSON object')
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0

function corrupt(name: string, why: string): RmqError {
  return new RmqError(
    'CORRUPT',
    `The shared memory of topic "${name}" has a description that cannot be read: ${why}. Restart its server.`,
  )
}

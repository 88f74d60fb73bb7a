import { type Command, type RequestKey, RmqError } from '@rmq/core'
import { encodeHead, type Head, MessageKind } from './head.ts'
import { encodeJson } from './json.ts'
import { fromPayloadFrames, toPayloadFrames } from './payload-frames.ts'

/**
 * The frames of a call. A large payload is the command's own object.
 * @param received how many replies came on this connection so far
 */
export function encodeCall(call: number, command: Command, received = 0): Uint8Array[] {
  if (!('data' in command)) {
    // Only a tolerance may be Infinity.
    const meta = 'toleranceS' in command ? encodeJson(command) : JSON.stringify(command)
    return [encodeHead({ kind: MessageKind.CALL, call, timeS: 0, received, meta, records: [] })]
  }
  const { data, op, topic, key } = command
  const captureTimeS = op === 'put' ? command.captureTimeS : undefined
  const record = {
    sequence: 0,
    timestampS: 0,
    byteLength: data.byteLength,
    ...(captureTimeS !== undefined && { captureTimeS }),
  }
  const head = {
    kind: MessageKind.CALL,
    call,
    timeS: 0,
    received,
    meta: JSON.stringify({ op, topic, key, ...(op === 'request' && terms(command)) }),
    records: [record],
  }
  return [encodeHead(head), ...toPayloadFrames([data])]
}

/**
 * The command of a call's head and payload frames.
 * @param meta the head's text
 * @throws MALFORMED_MESSAGE, or UNSUPPORTED for a command of a later version
 */
export function decodeCall(head: Head, meta: Record<string, unknown>, payloadFrames: readonly Uint8Array[]): Command {
  const op = meta['op']
  const payloads = fromPayloadFrames(
    head.records.map(({ byteLength }) => byteLength),
    payloadFrames,
  )
  if (op === 'list') return { op }
  if (op === 'peekAligned') return readAligned(meta)
  const topic = readTopic(meta)
  switch (op) {
    case 'describe':
    case 'status':
      return { op, topic }
    case 'peek':
      return { op, topic, n: readNumber(meta, 'n') }
    case 'peekAt': {
      const toleranceS = readOptional(meta, 'toleranceS')
      return { op, topic, timeS: readNumber(meta, 'timeS'), ...(toleranceS !== undefined && { toleranceS }) }
    }
    case 'pop':
      return { op, topic, n: readNumber(meta, 'n'), ...readKey(meta) }
    case 'put': {
      const captureTimeS = head.records[0]?.captureTimeS
      return {
        op,
        topic,
        data: onlyPayload(payloads),
        ...(captureTimeS !== undefined && { captureTimeS }),
        ...readKey(meta),
      }
    }
    case 'request':
      return { op, topic, data: onlyPayload(payloads), ...readTerms(meta), ...readKey(meta) }
    default:
      throw new RmqError('UNSUPPORTED', `This server does not know the command "${String(op)}": its version is older.`)
  }
}

function readTopic({ topic }: Record<string, unknown>): string {
  if (typeof topic !== 'string') throw new RmqError('MALFORMED_MESSAGE', 'A call tells no topic.')
  return topic
}

function readNumber(meta: Record<string, unknown>, name: string): number {
  const value = meta[name]
  if (typeof value !== 'number') throw new RmqError('MALFORMED_MESSAGE', `A call tells no ${name}.`)
  return value
}

function readOptional(meta: Record<string, unknown>, name: string): number | undefined {
  return meta[name] === undefined ? undefined : readNumber(meta, name)
}

/** On what terms a request is made. */
function terms({ deadlineTimeS, supersede = false }: Command & { op: 'request' }): object {
  return { deadlineTimeS, ...(supersede && { supersede }) }
}

function readTerms(meta: Record<string, unknown>): { deadlineTimeS?: number; supersede?: boolean } {
  const deadlineTimeS = readOptional(meta, 'deadlineTimeS')
  return {
    ...(deadlineTimeS !== undefined && { deadlineTimeS }),
    ...(meta['supersede'] === true && { supersede: true }),
  }
}

function readAligned(meta: Record<string, unknown>): Command {
  const timeS = readOptional(meta, 'timeS')
  return {
    op: 'peekAligned',
    topics: readNames(meta, 'topics'),
    toleranceS: readNumber(meta, 'toleranceS'),
    ...(timeS !== undefined && { timeS }),
    heads: meta['heads'] === undefined ? [] : readNames(meta, 'heads'),
  }
}

function readNames(meta: Record<string, unknown>, field: string): string[] {
  const names = meta[field]
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names
  throw new RmqError('MALFORMED_MESSAGE', `A call tells no ${field}.`)
}

function readKey({ key }: Record<string, unknown>): { key?: RequestKey } {
  if (key === undefined) return {}
  const { client, request, floor, server } = (key ?? {}) as Record<string, unknown>
  if (
    typeof client !== 'string' ||
    typeof server !== 'string' ||
    !Number.isSafeInteger(request) ||
    !Number.isSafeInteger(floor)
  ) {
    throw new RmqError('MALFORMED_MESSAGE', 'The key of a call is not understood.')
  }
  return { key: { client, request: request as number, floor: floor as number, server } }
}

function onlyPayload(payloads: readonly Uint8Array[]): Uint8Array {
  if (payloads.length !== 1)
    throw new RmqError('MALFORMED_MESSAGE', `A call carries ${payloads.length} payloads, not 1.`)
  return payloads[0]!
}

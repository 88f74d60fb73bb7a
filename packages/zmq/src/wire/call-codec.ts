import { type Command, type RequestKey, RmqError } from '@rmq/core'
import { encodeHead, type Head, MessageKind } from './head.ts'
import { decodeJson } from './json.ts'
import { fromPayloadFrames, toPayloadFrames } from './payload-frames.ts'

/**
 * The frames of a call. A large payload is the command's own object.
 * @param received how many replies came on this connection so far
 */
export function encodeCall(call: number, command: Command, received = 0): Uint8Array[] {
  if (!('data' in command)) {
    const meta = JSON.stringify(command)
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
    meta: JSON.stringify({ op, topic, key }),
    records: [record],
  }
  return [encodeHead(head), ...toPayloadFrames([data])]
}

/**
 * The command of a call's head and payload frames.
 * @throws MALFORMED_MESSAGE, or UNSUPPORTED for a command of a later version
 */
export function decodeCall(head: Head, payloadFrames: readonly Uint8Array[]): Command {
  const meta = decodeJson(head.meta)
  const op = meta['op']
  const payloads = fromPayloadFrames(
    head.records.map(({ byteLength }) => byteLength),
    payloadFrames,
  )
  if (op === 'list') return { op }
  const topic = readTopic(meta)
  switch (op) {
    case 'describe':
    case 'status':
      return { op, topic }
    case 'peek':
      return { op, topic, n: readCount(meta) }
    case 'pop':
      return { op, topic, n: readCount(meta), ...readKey(meta) }
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
      return { op, topic, data: onlyPayload(payloads), ...readKey(meta) }
    default:
      throw new RmqError('UNSUPPORTED', `This server does not know the command "${String(op)}": its version is older.`)
  }
}

function readTopic({ topic }: Record<string, unknown>): string {
  if (typeof topic !== 'string') throw new RmqError('MALFORMED_MESSAGE', 'A call tells no topic.')
  return topic
}

function readCount({ n }: Record<string, unknown>): number {
  if (typeof n !== 'number') throw new RmqError('MALFORMED_MESSAGE', 'A call tells no n.')
  return n
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

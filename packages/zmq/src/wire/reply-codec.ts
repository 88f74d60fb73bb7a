import { type Command, type Reply, type ReplyTo, RmqError } from '@rmq/core'
import { encodeHead, type Head, MessageKind } from './head.ts'
import { decodeJson, encodeJson } from './json.ts'
import { fromPayloadFrames, toPayloadFrames } from './payload-frames.ts'
import { toRecord, toRecordHead } from './record-codec.ts'

/** The frames of a reply. Large payloads are the reply's own objects. */
export function encodeReply(call: number, timeS: number, reply: Reply): Uint8Array[] {
  if ('records' in reply) {
    const meta = JSON.stringify('epochs' in reply ? { epochs: reply.epochs } : { epoch: reply.epoch })
    const head = encodeHead({
      kind: MessageKind.REPLY,
      call,
      timeS,
      received: 0,
      meta,
      records: reply.records.map(toRecordHead),
    })
    return [head, ...toPayloadFrames(reply.records.map(({ data }) => data))]
  }
  if ('data' in reply) {
    const record = { sequence: 0, timestampS: reply.timestampS, byteLength: reply.data.byteLength }
    const head = encodeHead({ kind: MessageKind.REPLY, call, timeS, received: 0, meta: '{}', records: [record] })
    return [head, ...toPayloadFrames([reply.data])]
  }
  return [encodeHead({ kind: MessageKind.REPLY, call, timeS, received: 0, meta: encodeJson(reply), records: [] })]
}

/**
 * What a reply's head and payload frames answer to a command.
 * @throws MALFORMED_MESSAGE
 */
export function decodeReply<C extends Command>(
  command: C,
  head: Head,
  payloadFrames: readonly Uint8Array[],
): ReplyTo<C> {
  const meta = decodeJson(head.meta)
  const payloads = fromPayloadFrames(
    head.records.map(({ byteLength }) => byteLength),
    payloadFrames,
  )
  return toReply(command, meta, head, payloads) as ReplyTo<C>
}

function toReply(command: Command, meta: Record<string, unknown>, head: Head, payloads: Uint8Array[]): unknown {
  switch (command.op) {
    case 'peekAligned': {
      const { epochs } = meta
      if (!Array.isArray(epochs) || epochs.length !== payloads.length || payloads.length !== command.topics.length) {
        throw new RmqError('MALFORMED_MESSAGE', 'A reply brings other records than one of each topic.')
      }
      return { epochs, records: payloads.map((data, index) => toRecord(head.records[index]!, data)) }
    }
    case 'peek':
    case 'peekAt':
    case 'pop': {
      requireType(meta, 'epoch', 'string')
      const records = payloads.map((data, index) => toRecord(head.records[index]!, data))
      return { epoch: meta['epoch'], records }
    }
    case 'request':
      if (payloads.length !== 1) {
        throw new RmqError('MALFORMED_MESSAGE', `The reply to a request carries ${payloads.length} payloads, not 1.`)
      }
      return { data: payloads[0], timestampS: head.records[0]!.timestampS }
    case 'put':
      requireType(meta, 'epoch', 'string')
      requireType(meta, 'sequence', 'number')
      return { epoch: meta['epoch'], sequence: meta['sequence'] }
    case 'status':
      requireType(meta, 'count', 'number')
      return { count: meta['count'] }
    case 'list':
      requireType(meta, 'topics', 'object')
      return { topics: meta['topics'] }
    case 'describe':
      requireType(meta, 'description', 'object')
      return { description: meta['description'] }
  }
}

function requireType(meta: Record<string, unknown>, name: string, type: string): void {
  if (typeof meta[name] !== type) throw new RmqError('MALFORMED_MESSAGE', `A reply tells no ${name}.`)
}

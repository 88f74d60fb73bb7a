import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { type Command, parseTopicName, type ReplyTo, RmqError, type TopicRecord } from '@rmq/core'
import { errorFromText } from '../robotmq/error-text.ts'
import { allocateFrame, decodeFrame, RobotmqCommand, topicBytes } from '../robotmq/frame.ts'
import {
  MAX_BLOCK_BYTES,
  readRecordBlock,
  recordBlockBytes,
  type WireRecord,
  writeRecordBlock,
} from '../robotmq/record-block.ts'
import type { Decoded, Dialect } from './dialect.ts'
import { encodeEnvelope, frameOfEnvelope } from './envelope.ts'

/** A REP socket drops answers beyond its queue: the original answers at most 1000 without being read. */
const MAX_UNANSWERED = 500

const STATUS_TEXT = Buffer.from('Get topic status')

/** The original robotmq's wire. Payloads that lie in shared memory go through it as references, in both directions. */
export class RobotmqDialect implements Dialect {
  readonly name = 'robotmq'
  readonly maxUnanswered: number = MAX_UNANSWERED
  readonly countsAbandoned = true
  readonly #serverNowS: () => number
  /** The frames of requests: a resend must be the same bytes, by which the server recognises it. */
  readonly #requests = new WeakMap<Command, Uint8Array>()
  readonly #sharedMemory = new Map<string, boolean>()

  constructor(serverNowS: () => number) {
    this.#serverNowS = serverNowS
  }

  /** Another run of the server may hold its topics elsewhere. */
  forgetTopics(): void {
    this.#sharedMemory.clear()
  }

  /** Whether a topic lives in shared memory; undefined as long as no STATUS told. */
  sharedMemory(topic: string): boolean | undefined {
    return this.#sharedMemory.get(topic)
  }

  encode(call: number, command: Command): Uint8Array[] {
    return encodeEnvelope(call, this.#frame(command))
  }

  decode<C extends Command>(command: C, frames: readonly Uint8Array[]): Decoded<C> {
    const { topic, command: answered, timestampS, body } = decodeFrame(frameOfEnvelope(frames))
    if (answered === RobotmqCommand.ERROR) throw errorFromText(command.op, text(topic), text(body))
    if (answered !== commandByte(command)) {
      throw new RmqError('MALFORMED_MESSAGE', `The server answered command ${answered} to ${command.op}.`)
    }
    return { reply: this.#reply(command, body) as ReplyTo<C>, serverS: timestampS }
  }

  #frame(command: Command): Uint8Array {
    switch (command.op) {
      case 'status':
        return frameOf(command.topic, RobotmqCommand.STATUS, this.#serverNowS(), STATUS_TEXT)
      case 'peek':
      case 'pop':
        return frameOf(command.topic, commandByte(command), this.#serverNowS(), countBody(command.n))
      case 'put': {
        // The record's timestamp is the server's time, by which it expires there.
        const nowS = this.#serverNowS()
        return recordFrame(command, nowS, nowS)
      }
      case 'request': {
        let frame = this.#requests.get(command)
        if (frame === undefined) {
          // The server tells requests apart by this number alone, across all clients.
          frame = recordFrame(command, randomWhole(), this.#serverNowS())
          this.#requests.set(command, frame)
        }
        return frame
      }
      default:
        throw unsupported(command.op)
    }
  }

  #reply(command: Command, body: Uint8Array): unknown {
    switch (command.op) {
      case 'status':
        return { count: this.#readStatus(command.topic, body) }
      case 'peek':
      case 'pop':
        return { epoch: '', records: toRecords(readRecordBlock(body)) }
      case 'put':
        return { epoch: '', sequence: Number.NaN }
      case 'request': {
        const records = readRecordBlock(body)
        if (records.length !== 1) {
          throw new RmqError(
            'REQUEST_FAILED',
            `The server answered the request with ${records.length} records, not 1: reply_request must name the same topic.`,
          )
        }
        return { data: records[0]!.data, timestampS: records[0]!.timestampS }
      }
      default:
        throw unsupported(command.op)
    }
  }

  #readStatus(topic: string, body: Uint8Array): number {
    if (body.byteLength < 4) throw new RmqError('MALFORMED_MESSAGE', 'The server told no status.')
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    const count = view.getInt32(0, true)
    if (body.byteLength === 8) this.#sharedMemory.set(topic, view.getInt32(4, true) !== 0)
    return count
  }
}

function unsupported(op: string): RmqError {
  return new RmqError(
    'UNSUPPORTED',
    `The original robotmq server has no command "${op}": it can only be asked topic by topic.`,
  )
}

function commandByte({ op }: Command): number {
  switch (op) {
    case 'status':
      return RobotmqCommand.STATUS
    case 'peek':
      return RobotmqCommand.PEEK
    case 'pop':
      return RobotmqCommand.POP
    case 'put':
      return RobotmqCommand.PUT
    case 'request':
      return RobotmqCommand.REQUEST
    default:
      throw unsupported(op)
  }
}

function frameOf(topic: string, command: number, timestampS: number, body: Uint8Array): Uint8Array {
  const { frame, bodyOffset } = allocateFrame(topicBytes(parseTopicName(topic)), command, timestampS, body.byteLength)
  frame.set(body, bodyOffset)
  return frame
}

function recordFrame(command: Command & { op: 'put' | 'request' }, frameS: number, recordS: number): Uint8Array {
  const { topic, data } = command
  const records = [{ data, timestampS: recordS }]
  const bytes = recordBlockBytes(records)
  if (bytes > MAX_BLOCK_BYTES) {
    throw new RmqError(
      'MESSAGE_TOO_LARGE',
      `A robotmq server takes at most ${MAX_BLOCK_BYTES} bytes, got ${data.byteLength}.`,
    )
  }
  const { frame, bodyOffset } = allocateFrame(topicBytes(parseTopicName(topic)), commandByte(command), frameS, bytes)
  writeRecordBlock(frame, bodyOffset, records)
  return frame
}

function countBody(n: number): Uint8Array {
  const body = Buffer.alloc(4)
  body.writeInt32LE(n | 0, 0)
  return body
}

/** A whole number of 53 random bits. */
function randomWhole(): number {
  const bytes = randomBytes(8)
  return bytes.readUInt32LE(0) * 2 ** 21 + (bytes.readUInt32LE(4) >>> 11)
}

/** One record may keep its frame; several would each keep all of them in memory. */
function toRecords(records: readonly WireRecord[]): TopicRecord[] {
  const own = (data: Uint8Array) => (records.length === 1 ? data : data.slice())
  return records.map(({ data, timestampS }) => ({ sequence: Number.NaN, timestampS, data: own(data) }))
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

import { Buffer } from 'node:buffer'
import { errorText, RmqError, type Session, type TopicRecord } from '@rmq/core'
import {
  countLengthText,
  INVALID_REQUEST_TOPIC,
  invalidRequestText,
  topicNotFoundText,
  unknownCommandText,
} from '../robotmq/error-text.ts'
import {
  allocateFrame,
  encodeFrame,
  RobotmqCommand,
  type RobotmqFrame,
  topicBytes,
  topicText,
} from '../robotmq/frame.ts'
import {
  looksLikeReference,
  MAX_BLOCK_BYTES,
  readRecordBlock,
  recordBlockBytes,
  type WireRecord,
  writeRecordBlock,
} from '../robotmq/record-block.ts'

/** What answers robotmq's frames. */
export interface RobotmqAnswering {
  readonly nowS: () => number
  /** Counts a frame that was not understood. */
  readonly onMalformed: () => void
}

const NO_RECORDS = new Uint8Array(4)

/** A refusal that robotmq words itself, under the topic that was asked. */
class Refusal extends Error {}

/** Executes one frame and makes the frame of its answer. Never rejects. */
export async function answerFrame(session: Session, parts: RobotmqFrame, to: RobotmqAnswering): Promise<Uint8Array> {
  try {
    return await dispatch(session, parts, to)
  } catch (thrown) {
    if (RmqError.isInstance(thrown) && thrown.code === 'MALFORMED_MESSAGE') return invalidRequest(thrown, to)
    const notFound = RmqError.isInstance(thrown) && thrown.code === 'TOPIC_NOT_FOUND'
    const text = notFound ? topicNotFoundText(lossyText(parts.topic)) : errorText(thrown)
    return errorFrame(parts.topic, text, to)
  }
}

/** The answer to a frame that could not be read. */
export function invalidRequest(thrown: unknown, to: RobotmqAnswering): Uint8Array {
  to.onMalformed()
  return errorFrame(topicBytes(INVALID_REQUEST_TOPIC), invalidRequestText(errorText(thrown)), to)
}

async function dispatch(session: Session, parts: RobotmqFrame, to: RobotmqAnswering): Promise<Uint8Array> {
  const { command, body } = parts
  const topic = topicText(parts.topic)
  if (command === RobotmqCommand.STATUS) {
    const count = topic === undefined ? -1 : (await session.execute({ op: 'status', topic })).count
    return encodeFrame({ ...parts, timestampS: to.nowS(), body: statusBody(count) })
  }
  if (topic === undefined) throw new Refusal(topicNotFoundText(lossyText(parts.topic)))
  switch (command) {
    case RobotmqCommand.PEEK: {
      const n = await readCount(session, topic, body, to)
      return recordsFrame(parts, (await session.execute({ op: 'peek', topic, n })).records, to)
    }
    case RobotmqCommand.POP: {
      const n = await readCount(session, topic, body, to)
      // What cannot be sent must not be removed either.
      requireInline(topic, (await session.execute({ op: 'peek', topic, n })).records)
      return recordsFrame(parts, (await session.execute({ op: 'pop', topic, n })).records, to)
    }
    case RobotmqCommand.PUT: {
      await requireTopic(session, topic)
      const records = readRecordBlock(body)
      for (const { data } of records) requireBytes(data)
      for (const { data } of records) await session.execute({ op: 'put', topic, data })
      return encodeFrame({ ...parts, timestampS: to.nowS(), body: NO_RECORDS })
    }
    case RobotmqCommand.REQUEST: {
      await requireTopic(session, topic)
      const [record] = readRecordBlock(body)
      if (record === undefined) throw new RmqError('MALFORMED_MESSAGE', 'A request without a record.')
      requireBytes(record.data)
      return recordsFrame(parts, [await session.execute({ op: 'request', topic, data: record.data })], to)
    }
    default:
      await requireTopic(session, topic)
      to.onMalformed()
      throw new Refusal(unknownCommandText(command))
  }
}

async function readCount(session: Session, topic: string, body: Uint8Array, to: RobotmqAnswering): Promise<number> {
  if (body.byteLength === 0) return 0
  if (body.byteLength === 4) return new DataView(body.buffer, body.byteOffset, 4).getInt32(0, true)
  await requireTopic(session, topic)
  to.onMalformed()
  throw new Refusal(countLengthText(body.byteLength))
}

/** robotmq looks for the topic before it looks at the rest. */
async function requireTopic(session: Session, topic: string): Promise<void> {
  const { count } = await session.execute({ op: 'status', topic })
  if (count === -1) throw new Refusal(topicNotFoundText(topic))
}

function requireBytes(data: Uint8Array): void {
  if (!looksLikeReference(data)) return
  throw new Refusal(
    'This server takes payloads inline, not as references into shared memory: ask get_topic_status first, ' +
      'which tells that the topic is not in shared memory. Payloads must not begin with the bytes 0d 0a 0d 0b.',
  )
}

function requireInline(topic: string, records: readonly WireRecord[]): void {
  if (!records.some(({ data }) => looksLikeReference(data))) return
  throw new Refusal(
    `A payload of topic "${topic}" begins with the bytes 0d 0a 0d 0b, which your client would take for a reference ` +
      'into shared memory: it cannot be sent to a robotmq client.',
  )
}

function statusBody(count: number): Uint8Array {
  const body = Buffer.alloc(count === -1 ? 4 : 8)
  body.writeInt32LE(count, 0)
  return body
}

function recordsFrame(
  parts: RobotmqFrame,
  records: readonly (TopicRecord | WireRecord)[],
  to: RobotmqAnswering,
): Uint8Array {
  requireInline(lossyText(parts.topic), records)
  const bytes = recordBlockBytes(records)
  if (bytes > MAX_BLOCK_BYTES) {
    throw new Refusal(`${records.length} records of ${bytes} bytes together are too many for one reply: ask for fewer.`)
  }
  const { frame, bodyOffset } = allocateFrame(parts.topic, parts.command, to.nowS(), bytes)
  writeRecordBlock(frame, bodyOffset, records)
  return frame
}

function errorFrame(topic: Uint8Array, text: string, to: RobotmqAnswering): Uint8Array {
  const body = Buffer.from(text === '' ? 'The server failed without a message.' : text)
  return encodeFrame({ topic, command: RobotmqCommand.ERROR, timestampS: to.nowS(), body })
}

/** For texts only: a topic's bytes may be anything. */
function lossyText(topic: Uint8Array): string {
  return Buffer.from(topic.buffer, topic.byteOffset, topic.byteLength).toString('utf8')
}

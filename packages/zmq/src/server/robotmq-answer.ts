import { Buffer } from 'node:buffer'
import { RmqError, type Session } from '@rmq/core'
import { countLengthText, topicNotFoundText, unknownCommandText } from '../robotmq/error-text.ts'
import { encodeFrame, RobotmqCommand, type RobotmqFrame, topicText } from '../robotmq/frame.ts'
import { looksLikeReference, readRecordBlock } from '../robotmq/record-block.ts'
import { errorReply, lossyText, Refusal, type RobotmqAnswering } from './robotmq-error.ts'
import { peekReply, popReply, recordsReply } from './robotmq-records.ts'
import { RobotmqReply } from './robotmq-reply.ts'

const NO_RECORDS = new Uint8Array(4)

/** Executes one frame and makes its answer. Never rejects. */
export async function answerFrame(session: Session, parts: RobotmqFrame, to: RobotmqAnswering): Promise<RobotmqReply> {
  try {
    return await dispatch(session, parts, to)
  } catch (thrown) {
    return errorReply(parts.topic, thrown, to)
  }
}

async function dispatch(session: Session, parts: RobotmqFrame, to: RobotmqAnswering): Promise<RobotmqReply> {
  const { command, body } = parts
  const topic = topicText(parts.topic)
  if (command === RobotmqCommand.STATUS) {
    const count = topic === undefined ? -1 : (await session.execute({ op: 'status', topic })).count
    return bodyReply(parts, statusBody(count), to)
  }
  if (topic === undefined) throw new Refusal(topicNotFoundText(lossyText(parts.topic)))
  switch (command) {
    case RobotmqCommand.PEEK:
      return peekReply(session, parts, { topic, n: await readCount(session, topic, body, to) }, to)
    case RobotmqCommand.POP:
      return popReply(session, parts, { topic, n: await readCount(session, topic, body, to) }, to)
    case RobotmqCommand.PUT: {
      await requireTopic(session, topic)
      const records = readRecordBlock(body)
      for (const { data } of records) requireBytes(data)
      for (const { data } of records) await session.execute({ op: 'put', topic, data })
      return bodyReply(parts, NO_RECORDS, to)
    }
    case RobotmqCommand.REQUEST: {
      await requireTopic(session, topic)
      const [record] = readRecordBlock(body)
      if (record === undefined) throw new RmqError('MALFORMED_MESSAGE', 'A request without a record.')
      requireBytes(record.data)
      return recordsReply(parts, [await session.execute({ op: 'request', topic, data: record.data })], to)
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

function statusBody(count: number): Uint8Array {
  const body = Buffer.alloc(count === -1 ? 4 : 8)
  body.writeInt32LE(count, 0)
  return body
}

function bodyReply(parts: RobotmqFrame, body: Uint8Array, to: RobotmqAnswering): RobotmqReply {
  return new RobotmqReply(encodeFrame({ ...parts, timestampS: to.nowS(), body }))
}

import { Buffer } from 'node:buffer'
import { errorText, RmqError } from '@rmq/core'
import { INVALID_REQUEST_TOPIC, invalidRequestText, topicNotFoundText } from '../robotmq/error-text.ts'
import { encodeFrame, RobotmqCommand, topicBytes } from '../robotmq/frame.ts'
import { RobotmqReply } from './robotmq-reply.ts'

/** What answers robotmq's frames. */
export interface RobotmqAnswering {
  readonly nowS: () => number
  /** Counts a frame that was not understood. */
  readonly onMalformed: () => void
  /** Whether clients can reach this host's shared memory. */
  readonly byReference: boolean
}

/** A refusal that robotmq words itself, under the topic that was asked. */
export class Refusal extends Error {}

/** What a failure is answered with. */
export function errorReply(topic: Uint8Array, thrown: unknown, to: RobotmqAnswering): RobotmqReply {
  if (RmqError.isInstance(thrown) && thrown.code === 'MALFORMED_MESSAGE') return invalidRequest(thrown, to)
  const notFound = RmqError.isInstance(thrown) && thrown.code === 'TOPIC_NOT_FOUND'
  return new RobotmqReply(errorFrame(topic, notFound ? topicNotFoundText(lossyText(topic)) : errorText(thrown), to))
}

/** The answer to a frame that could not be read. */
export function invalidRequest(thrown: unknown, to: RobotmqAnswering): RobotmqReply {
  to.onMalformed()
  return new RobotmqReply(errorFrame(topicBytes(INVALID_REQUEST_TOPIC), invalidRequestText(errorText(thrown)), to))
}

export function errorFrame(topic: Uint8Array, text: string, to: RobotmqAnswering): Uint8Array {
  const body = Buffer.from(text === '' ? 'The server failed without a message.' : text)
  return encodeFrame({ topic, command: RobotmqCommand.ERROR, timestampS: to.nowS(), body })
}

/** For texts only: a topic's bytes may be anything. */
export function lossyText(topic: Uint8Array): string {
  return Buffer.from(topic.buffer, topic.byteOffset, topic.byteLength).toString('utf8')
}

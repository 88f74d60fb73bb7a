import { RmqError, type RmqErrorCode } from '@rmq/core'

/** The topic of robotmq's answer to a frame that it could not process. */
export const INVALID_REQUEST_TOPIC = 'invalid_request'
/** The topic of robotmq's answer to a client that its whitelist does not hold. */
export const UNAUTHORIZED_TOPIC = 'unauthorized'
/** The topic of our answer to a client for which there is no room. */
export const NO_SPACE_TOPIC = 'no_space'

/** The words of the original: its clients' programs may look for them. */
export function topicNotFoundText(topic: string): string {
  return `Topic \`${topic}\` not found. Please first call add_topic to add it into the server topics.`
}

export function unknownCommandText(command: number): string {
  return `Received unknown command: ${command}`
}

export function countLengthText(bytes: number): string {
  return `Data length should be the same as an integer, but got ${bytes} bytes.`
}

export function invalidRequestText(reason: string): string {
  return `Server failed to process the request: ${reason}`
}

/** What an ERROR frame of a robotmq server means in our codes. */
export function errorFromText(op: string, errorTopic: string, text: string): RmqError {
  return new RmqError(
    codeOf(op, errorTopic, text),
    text === '' ? 'The server answered with an error and no text.' : text,
  )
}

function codeOf(op: string, errorTopic: string, text: string): RmqErrorCode {
  if (errorTopic === UNAUTHORIZED_TOPIC) return 'UNAUTHORIZED'
  if (errorTopic === NO_SPACE_TOPIC) return 'NO_SPACE'
  if (text.startsWith('Topic `') && text.includes('` not found.')) return 'TOPIC_NOT_FOUND'
  if (op === 'request') return 'REQUEST_FAILED'
  if (errorTopic === INVALID_REQUEST_TOPIC) return 'MALFORMED_MESSAGE'
  return 'INVALID_ARGUMENT'
}

import { InvalidArgumentError } from 'commander'
import { positiveNumber } from './option-values.ts'

export interface TopicArgument {
  readonly name: string
  readonly messageRemainingTimeS: number
}

export interface SharedMemoryTopicArgument extends TopicArgument {
  readonly capacityBytes: number
}

/** `NAME:TTL_S`, split from the right: names may hold colons. */
export function topicArgument(text: string): TopicArgument {
  const [name, ttl] = splitRight(text, 1, 'NAME:TTL_S, such as camera:10')
  return { name: name as string, messageRemainingTimeS: timeToLive(ttl as string) }
}

/** `NAME:TTL_S:SIZE_MB`, split from the right: names may hold colons. */
export function sharedMemoryTopicArgument(text: string): SharedMemoryTopicArgument {
  const [name, ttl, size] = splitRight(text, 2, 'NAME:TTL_S:SIZE_MB, such as camera:10:256')
  return {
    name: name as string,
    messageRemainingTimeS: timeToLive(ttl as string),
    capacityBytes: Math.ceil(part(size as string, 'SIZE_MB') * 2 ** 20),
  }
}

function splitRight(text: string, times: number, form: string): string[] {
  const pieces = text.split(':')
  const name = pieces.slice(0, -times).join(':')
  if (name === '') throw new InvalidArgumentError(`It must have the form ${form}.`)
  return [name, ...pieces.slice(-times)]
}

function timeToLive(text: string): number {
  return text.toLowerCase() === 'inf' ? Number.POSITIVE_INFINITY : part(text, 'TTL_S')
}

function part(text: string, what: string): number {
  try {
    return positiveNumber(text)
  } catch {
    throw new InvalidArgumentError(`${what} must be a number greater than 0, got "${text}".`)
  }
}

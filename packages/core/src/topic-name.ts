import { RmqError } from './errors.ts'

declare const brand: unique symbol
/** A topic's name: 1 to 255 bytes of UTF-8, any characters. Made by {@link parseTopicName}. */
export type TopicName = string & { readonly [brand]: 'TopicName' }

export const MAX_TOPIC_NAME_BYTES = 255

/** A name of so many UTF-16 units is short enough whatever they are: encoding each call's name would cost more than a view. */
const MAX_CERTAIN_LENGTH = MAX_TOPIC_NAME_BYTES / 3

const encoder = new TextEncoder()

/** @throws INVALID_ARGUMENT for anything but a string of 1 to 255 UTF-8 bytes without lone surrogates */
export function parseTopicName(name: unknown): TopicName {
  if (typeof name !== 'string') {
    throw new RmqError('INVALID_ARGUMENT', `A topic name must be a string, got ${typeof name}.`)
  }
  if (name === '') throw new RmqError('INVALID_ARGUMENT', 'A topic name must not be empty.')
  if (!name.isWellFormed()) {
    throw new RmqError('INVALID_ARGUMENT', 'A topic name must be well-formed text: it holds half of a surrogate pair.')
  }
  if (name.length > MAX_CERTAIN_LENGTH && encoder.encode(name).length > MAX_TOPIC_NAME_BYTES) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      `Topic name "${name.slice(0, 40)}…" is longer than ${MAX_TOPIC_NAME_BYTES} UTF-8 bytes: choose a shorter one.`,
    )
  }
  return name as TopicName
}

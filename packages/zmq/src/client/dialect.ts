import type { Command, ReplyTo } from '@rmq/core'

/** A reply, and the server's clock when it left. */
export interface Decoded<C extends Command> {
  readonly reply: ReplyTo<C>
  readonly serverS: number
}

/** How commands are put on the wire towards one kind of server. */
export interface Dialect {
  readonly name: 'rmq' | 'robotmq'
  /** Commands that may be under way at a time; the rest wait here. */
  readonly maxUnanswered: number
  /** Whether a command that nobody waits for any more still takes a place. */
  readonly countsAbandoned: boolean
  /**
   * The frames of a call with this number.
   * @param received replies that came on this connection so far
   */
  encode(call: number, command: Command, received: number): Uint8Array[]
  /** @throws what the server answered with, or MALFORMED_MESSAGE */
  decode<C extends Command>(command: C, frames: readonly Uint8Array[]): Decoded<C>
}

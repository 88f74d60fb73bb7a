import { type Command, RmqError } from '@rmq/core'
import { encodeCall } from '../wire/call-codec.ts'
import { decodeError } from '../wire/error-codec.ts'
import { decodeHead, MessageKind, peekHead, WIRE_VERSION } from '../wire/head.ts'
import { decodeReply } from '../wire/reply-codec.ts'
import type { Decoded, Dialect } from './dialect.ts'

/** Below the number of replies that our server queues for one client. */
const MAX_UNANSWERED = 1500

/** Our own wire. */
export class WireDialect implements Dialect {
  readonly name = 'rmq'
  readonly maxUnanswered: number = MAX_UNANSWERED
  readonly countsAbandoned = false
  readonly #maxMessageBytes: number

  /** @param maxMessageBytes the largest payload that the server takes */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes
  }

  encode(call: number, command: Command, received: number): Uint8Array[] {
    if ('data' in command && command.data.byteLength > this.#maxMessageBytes) {
      throw new RmqError(
        'MESSAGE_TOO_LARGE',
        `A payload of ${command.data.byteLength} bytes is over the server's limit of ${this.#maxMessageBytes} bytes.`,
      )
    }
    return encodeCall(call, command, received)
  }

  decode<C extends Command>(command: C, frames: readonly Uint8Array[]): Decoded<C> {
    const version = peekHead(frames[0]!)?.version
    if (version !== WIRE_VERSION) {
      throw new RmqError('VERSION_MISMATCH', `The server answered in wire version ${version}: update the older side.`)
    }
    const head = decodeHead(frames[0]!)
    if (head.kind === MessageKind.ERROR) throw decodeError(head)
    if (head.kind !== MessageKind.REPLY)
      throw new RmqError('MALFORMED_MESSAGE', `The server answered with kind ${head.kind}.`)
    return { reply: decodeReply(command, head, frames.slice(1)), serverS: head.timeS }
  }
}

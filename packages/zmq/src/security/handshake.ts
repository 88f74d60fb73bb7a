import { guardExit } from '@rmq/core/thread'
import { Context, Dealer } from 'zeromq'
import type { ParsedEndpoint } from '../endpoint-syntax.ts'
import type { ClientKeys } from './client-keys.ts'

/** How a handshake ended; `pending`: not within the time; undefined: there was no connection. */
export type HandshakeOutcome = 'admitted' | 'refused' | 'broken' | 'pending' | undefined

/** Handshakes that the server has to break off for it to count: a server that is being stopped does so once. */
const BROKEN_TIMES = 3

/**
 * ZeroMQ tells of handshakes only by events of the socket, and stops all sockets of a context as long as nobody takes
 * them: this one's sockets live briefly, and no others are in it.
 */
let context: Context | undefined

/** Connects a socket for long enough to see whether the server takes it. */
export async function tryHandshake(
  endpoint: string,
  parsed: ParsedEndpoint,
  keys: ClientKeys,
  timeoutMs: number,
): Promise<HandshakeOutcome> {
  context ??= new Context()
  const ipv6 = parsed.scheme === 'tcp' && parsed.ipv6
  const socket = new Dealer({ context, linger: 0, reconnectInterval: 10, ...keys, ...(ipv6 && { ipv6 }) })
  const { events } = socket
  // The events end when their socket is closed. Closing them first would stop the context for ever.
  const unguard = guardExit(() => {
    socket.close()
    events.close()
  })
  const timer = setTimeout(() => socket.close(), timeoutMs)
  let outcome: HandshakeOutcome
  let broken = 0
  try {
    socket.connect(endpoint)
    for await (const { type } of events) {
      if (type === 'connect') outcome ??= 'pending'
      if (outcome !== undefined && outcome !== 'pending') continue
      if (type === 'handshake') outcome = 'admitted'
      else if (type === 'handshake:error:auth') outcome = 'refused'
      else if (type === 'handshake:error:other' && ++broken === BROKEN_TIMES) outcome = 'broken'
      if (outcome !== undefined && outcome !== 'pending') socket.close()
    }
  } finally {
    clearTimeout(timer)
    unguard()
    socket.close()
  }
  return outcome
}

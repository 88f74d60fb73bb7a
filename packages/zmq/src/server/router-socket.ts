import { Router, type SocketOptions } from 'zeromq'
import { DraftOption, setDraftOption } from '../draft-option.ts'
import { GONE_MESSAGE } from '../wire/head.ts'

/** Replies that may wait for one client; more are dropped and counted. */
const MAX_REPLIES_QUEUED = 2000

/** How long replies may still leave after the socket was closed. */
const ROUTER_LINGER_MS = 20

export interface RouterSocket {
  readonly socket: Router
  /** Whether the socket delivers {@link GONE_MESSAGE} in the name of a client that has gone. */
  readonly tellsGone: boolean
}

/** A socket on which a slow or dead client never holds up another. */
export function openRouter(options: {
  maxMessageBytes: number
  ipv6: boolean
  /** Keys, and who is asked whom to admit. */
  guard: SocketOptions<Router>
}): RouterSocket {
  const socket = new Router({
    ...options.guard,
    mandatory: true,
    sendTimeout: 0,
    sendHighWaterMark: MAX_REPLIES_QUEUED,
    linger: ROUTER_LINGER_MS,
    maxMessageSize: options.maxMessageBytes,
    heartbeatInterval: 2000,
    // A large record on a slow link keeps the question, and with it the answer, waiting.
    heartbeatTimeout: 20_000,
    backlog: 512,
    // Who does not say soon how it means to speak goes.
    handshakeInterval: 10_000,
    ...(options.ipv6 && { ipv6: true }),
  })
  return { socket, tellsGone: setDraftOption(socket, DraftOption.DISCONNECT_MESSAGE, GONE_MESSAGE) }
}

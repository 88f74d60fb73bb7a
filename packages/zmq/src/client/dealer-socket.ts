import { RmqError, timerMs } from '@rmq/core'
import { Dealer } from 'zeromq'
import { DraftOption, setDraftOption } from '../draft-option.ts'
import { parseEndpoint } from '../endpoint-syntax.ts'
import type { ClientKeys } from '../security/client-keys.ts'
import { GONE_MESSAGE } from '../wire/head.ts'
import { connectError } from '../zmq-error.ts'

/** Messages that may wait to be written; what comes beyond is as good as lost on the wire. */
const MAX_CALLS_QUEUED = 10_000

/**
 * How soon a connection is given up whose far side has fallen silent. `bulk`: late. A large record on a slow link keeps
 * everything else silent for long, and it is the main connection's part to notice that nobody is there any more.
 */
export type Liveness = { readonly disconnectAfterS: number } | 'bulk'

const BULK_SILENCE_MS = 120_000

/**
 * A socket that connects again by itself, tells soon when the far side has fallen silent, and delivers
 * {@link GONE_MESSAGE} behind the last message of a connection that is lost. (ZeroMQ's socket monitor tells that too,
 * but out of order, and blocks all of ZeroMQ when it is closed before its socket.)
 * @throws INVALID_ARGUMENT for an endpoint that cannot be connected to
 */
export function openDealer(endpoint: string, liveness: Liveness, keys: ClientKeys): Dealer {
  const parsed = parseEndpoint(endpoint, 'connect')
  const silenceMs = liveness === 'bulk' ? BULK_SILENCE_MS : timerMs(liveness.disconnectAfterS)
  const socket = new Dealer({
    ...keys,
    sendTimeout: 0,
    sendHighWaterMark: MAX_CALLS_QUEUED,
    receiveHighWaterMark: MAX_CALLS_QUEUED,
    linger: 0,
    reconnectInterval: 50,
    reconnectMaxInterval: 1000,
    connectTimeout: 2000,
    handshakeInterval: 3000,
    // ZeroMQ asks at each interval, in a thread of its own: a busy program is no reason to give up.
    heartbeatInterval: Math.ceil(silenceMs / 3),
    heartbeatTimeout: Math.ceil(silenceMs / 2),
    ...(parsed.scheme === 'tcp' && parsed.ipv6 && { ipv6: true }),
  })
  if (setDraftOption(socket, DraftOption.HICCUP_MESSAGE, GONE_MESSAGE)) return socket
  socket.close()
  throw new RmqError(
    'UNSUPPORTED',
    "This build of zeromq lacks ZeroMQ's draft interface: install zeromq with the prebuilt library that it ships.",
  )
}

/** Begins to connect. @throws INVALID_ARGUMENT */
export function connectDealer(socket: Dealer, endpoint: string): void {
  try {
    socket.connect(endpoint)
  } catch (thrown) {
    socket.close()
    throw connectError(endpoint, thrown)
  }
}

/** Where a server has refused the client, ZeroMQ does not connect again by itself. */
export function reconnectDealer(socket: Dealer, endpoint: string): void {
  if (socket.closed) return
  try {
    socket.disconnect(endpoint)
  } catch {
    // It has forgotten the endpoint already.
  }
  socket.connect(endpoint)
}

import { RmqError } from '@rmq/core'
import { Dealer } from 'zeromq'
import { DraftOption, setDraftOption } from '../draft-option.ts'
import { parseEndpoint } from '../endpoint-syntax.ts'
import { GONE_MESSAGE } from '../wire/head.ts'
import { connectError } from '../zmq-error.ts'

/** Messages that may wait to be written; what comes beyond is as good as lost on the wire. */
const MAX_CALLS_QUEUED = 10_000

/**
 * A socket that connects again by itself, tells soon when the far side has fallen silent, and delivers
 * {@link GONE_MESSAGE} behind the last message of a connection that is lost. (ZeroMQ's socket monitor tells that too,
 * but out of order, and blocks all of ZeroMQ when it is closed before its socket.)
 * @throws INVALID_ARGUMENT for an endpoint that cannot be connected to
 */
export function openDealer(endpoint: string): Dealer {
  const parsed = parseEndpoint(endpoint, 'connect')
  const socket = new Dealer({
    sendTimeout: 0,
    sendHighWaterMark: MAX_CALLS_QUEUED,
    receiveHighWaterMark: MAX_CALLS_QUEUED,
    linger: 0,
    reconnectInterval: 50,
    reconnectMaxInterval: 1000,
    connectTimeout: 2000,
    handshakeInterval: 3000,
    heartbeatInterval: 1000,
    heartbeatTimeout: 3000,
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

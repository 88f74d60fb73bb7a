import { openpiCodec, RmqError } from 'robotmq'
import { WebSocket } from 'ws'
import { parseErrorText } from '../error-text.ts'
import { isRecord } from '../is-record.ts'

export interface OpenpiSocketOptions {
  readonly apiKey: string | undefined
  readonly maxPayloadBytes: number
  readonly signal: AbortSignal
}

export interface OpenpiSocket {
  readonly socket: WebSocket
  readonly metadata: Readonly<Record<string, unknown>>
}

/** How long a server may take to agree to a WebSocket. */
const HANDSHAKE_MS = 5000

/**
 * Connects once, and waits for the metadata that servers send first.
 * @throws UNAUTHORIZED, DISCONNECTED where nobody listens, MALFORMED_MESSAGE for a server of another kind
 */
export function connectOpenpi(url: string, options: OpenpiSocketOptions): Promise<OpenpiSocket> {
  const { apiKey, maxPayloadBytes, signal } = options
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: maxPayloadBytes,
      handshakeTimeout: HANDSHAKE_MS,
      ...(apiKey !== undefined && { headers: { Authorization: `Api-Key ${apiKey}` } }),
    })
    const fail = (error: unknown) => {
      signal.removeEventListener('abort', abort)
      reject(error)
      socket.terminate()
    }
    const abort = () => fail(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    socket.once('open', () => socket.once('close', () => fail(disconnected(url, 'it closed the connection'))))
    socket.on('error', (cause) => fail(disconnected(url, cause.message, cause)))
    socket.on('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy()
      fail(refusal(url, statusCode))
    })
    socket.once('message', (data: Buffer, isBinary: boolean) => {
      signal.removeEventListener('abort', abort)
      try {
        if (!isBinary) throw parseErrorText(data.toString())
        const metadata = openpiCodec.decode(data)
        resolve({ socket, metadata: isRecord(metadata) ? metadata : {} })
      } catch (error) {
        fail(error)
      }
    })
  })
}

export function disconnected(url: string, why: string, cause?: unknown): RmqError {
  return new RmqError('DISCONNECTED', `The connection to ${url} was lost or never made: ${why}.`, { cause })
}

function refusal(url: string, status: number): RmqError {
  if (status !== 401 && status !== 403) return disconnected(url, `it answered with HTTP status ${status}`)
  return new RmqError('UNAUTHORIZED', `${url} refused the connection (${status}): give the right apiKey.`)
}

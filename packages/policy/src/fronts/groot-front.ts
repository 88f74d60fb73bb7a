import { chmod } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { grootCodec, RmqError } from 'robotmq'
import { Router } from 'zeromq'
import { bindError } from '../bind-error.ts'
import { errorLine } from '../error-text.ts'
import type { Front, FrontHost } from '../front.ts'
import { isRecord } from '../is-record.ts'
import { RESET_ANSWER } from '../reset-request.ts'
import { isSameSecret } from '../same-secret.ts'
import type { Asker } from '../ticket.ts'

export interface GrootFrontOptions {
  /** `tcp://address:port` or `ipc:///path`; port 0 lets the system choose. @default 'tcp://127.0.0.1:5555' */
  readonly endpoint?: string
  /** What clients must send as `api_token`. @default no token is asked for */
  readonly apiToken?: string
  /** The answer to `get_modality_config`. @default the metadata */
  readonly modalityConfig?: Readonly<Record<string, unknown>>
  /** Whether clients may end the gateway by `kill`. @default false: they are refused */
  readonly allowKill?: boolean
}

/** How long answers may still leave after the socket was closed. */
const LINGER_MS = 1000
/** Answers that may wait for one client; what comes beyond is dropped and counted. */
const MAX_ANSWERS_QUEUED = 64

/** Serves GR00T's ZeroMQ clients: as many at a time as there are, while its own server takes one after the other. */
export async function openGrootFront(host: FrontHost, options: GrootFrontOptions): Promise<Front> {
  const { endpoint = 'tcp://127.0.0.1:5555' } = options
  const socket = new Router({
    mandatory: true,
    sendTimeout: 0,
    sendHighWaterMark: MAX_ANSWERS_QUEUED,
    linger: LINGER_MS,
    maxMessageSize: host.maxPayloadBytes,
    ipv6: endpoint.startsWith('tcp://['),
  })
  try {
    await socket.bind(endpoint)
    if (endpoint.startsWith('ipc://')) await chmod(endpoint.slice('ipc://'.length), 0o600)
  } catch (error) {
    socket.close()
    throw bindError(endpoint, error)
  }
  return new GrootFront(socket, host, options)
}

class GrootFront implements Front {
  readonly urls: readonly string[]
  readonly #socket: Router
  readonly #host: FrontHost
  readonly #options: GrootFrontOptions
  readonly #answers = new Set<Promise<void>>()

  constructor(socket: Router, host: FrontHost, options: GrootFrontOptions) {
    this.urls = [(socket.lastEndpoint ?? '').replace(/^(tcp|ipc):/, 'groot:')]
    this.#socket = socket
    this.#host = host
    this.#options = options
    void this.#receive()
  }

  async close(): Promise<void> {
    await Promise.all(this.#answers)
    this.#socket.close()
  }

  async #receive(): Promise<void> {
    while (!this.#socket.closed) {
      try {
        this.#take(await this.#socket.receive())
      } catch {
        // Closed meanwhile, or interrupted.
        await nextTurn()
      }
    }
  }

  /** An envelope as REQ sockets make it: frames of the sender's own, an empty one, and the message. */
  #take(frames: Buffer[]): void {
    const message = frames.at(-1)!
    if (frames.length < 3 || frames.at(-2)!.byteLength !== 0) {
      this.#host.malformed()
      return
    }
    const envelope = frames.slice(0, -1)
    const answer = this.#answer(message, frames[0]!.toString('hex'))
      .then((reply) => grootCodec.encode(reply))
      .catch((error) => grootCodec.encode({ error: errorLine(error) }))
      .then((reply) => this.#socket.send([...envelope, reply as Buffer]))
      .catch(() => this.#host.undelivered())
      .finally(() => this.#answers.delete(answer))
    this.#answers.add(answer)
  }

  async #answer(message: Buffer, routingId: string): Promise<unknown> {
    const { endpoint = 'get_action', data, api_token: token } = this.#decode(message)
    const { apiToken, modalityConfig = this.#host.metadata, allowKill = false } = this.#options
    // The words of GR00T's own server.
    if (apiToken !== undefined && !isSameSecret(String(token), apiToken))
      return { error: 'Unauthorized: Invalid API token' }
    const input = isRecord(data) ? data : {}
    const asker: Asker = { front: 'groot', client: `groot ${routingId}` }
    switch (endpoint) {
      case 'ping':
        return { status: 'ok', message: 'Server is running' }
      case 'get_action':
        return [(await this.#host.infer(input['observation'], asker)).actions, {}]
      case 'reset':
        await this.#host.reset(input['options'] ?? undefined, asker)
        return RESET_ANSWER
      case 'get_modality_config':
        return modalityConfig
      case 'kill':
        if (!allowKill) throw new RmqError('PERMISSION_DENIED', 'This server is not ended by its clients.')
        this.#host.killed()
        return { status: 'ok', message: 'Server is closing' }
      default:
        throw new RmqError('UNSUPPORTED', `There is no endpoint "${String(endpoint).slice(0, 80)}".`)
    }
  }

  #decode(message: Buffer): Record<string, unknown> {
    try {
      const request = grootCodec.decode(message)
      if (!isRecord(request)) throw new RmqError('MALFORMED_MESSAGE', 'A request must be a map with an endpoint.')
      return request
    } catch (error) {
      this.#host.malformed()
      throw error
    }
  }
}

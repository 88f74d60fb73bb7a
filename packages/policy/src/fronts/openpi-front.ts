import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { openpiCodec } from 'robotmq'
import { WebSocketServer } from 'ws'
import { bindError } from '../bind-error.ts'
import type { Front, FrontHost } from '../front.ts'
import { isSameSecret } from '../same-secret.ts'
import { OpenpiConnection } from './openpi-connection.ts'

export interface OpenpiFrontOptions {
  /** The address to listen on; `0.0.0.0` for all of this machine's. @default '127.0.0.1' */
  readonly host?: string
  /** 0 lets the system choose. @default 8000 */
  readonly port?: number
  /** What clients must send as `Authorization: Api-Key …`. @default no key is asked for */
  readonly apiKey?: string
  /** Clients at a time; more are refused with 503. @default 64 */
  readonly maxConnections?: number
}

/** How soon the system asks a silent client whether it is still there. */
const KEEP_ALIVE_MS = 30_000

/** Serves openpi's WebSocket clients, on any path, and `GET /healthz`. */
export async function openOpenpiFront(host: FrontHost, options: OpenpiFrontOptions): Promise<Front> {
  const { host: address = '127.0.0.1', port = 8000 } = options
  const front = new OpenpiFront(host, options)
  const name = address.includes(':') ? `[${address}]` : address
  try {
    await front.listen(port, address)
  } catch (error) {
    throw bindError(`openpi://${name}:${port}`, error)
  }
  return front
}

class OpenpiFront implements Front {
  readonly #host: FrontHost
  readonly #options: OpenpiFrontOptions
  readonly #metadata: Uint8Array
  readonly #server: Server
  readonly #sockets: WebSocketServer
  readonly #connections = new Set<OpenpiConnection>()
  #nextClient = 1

  constructor(host: FrontHost, options: OpenpiFrontOptions) {
    this.#host = host
    this.#options = options
    this.#metadata = openpiCodec.encode(host.metadata)
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Pictures hardly shrink, and trying costs more than sending them.
      perMessageDeflate: false,
      maxPayload: host.maxPayloadBytes,
    })
    this.#server = createServer((request, response) => this.#answer(request, response))
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  async listen(port: number, address: string): Promise<void> {
    this.#server.listen(port, address)
    await once(this.#server, 'listening')
  }

  get urls(): readonly string[] {
    const { address, family, port } = this.#server.address() as AddressInfo
    return [`openpi://${family === 'IPv6' ? `[${address}]` : address}:${port}`]
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    await Promise.all([...this.#connections].map((connection) => connection.close()))
    this.#server.closeAllConnections()
    await closed
  }

  #answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
    if (new URL(url, 'http://policy').pathname !== '/healthz') {
      response.writeHead(426, { Upgrade: 'websocket' }).end('This is a policy server: connect by WebSocket.\n')
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end()
    } else {
      response.writeHead(this.#host.serving ? 200 : 503).end(this.#host.serving ? 'OK\n' : 'Closing\n')
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request)
    if (refusal !== undefined) {
      socket.on('error', () => {})
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    request.socket.setKeepAlive(true, KEEP_ALIVE_MS)
    request.socket.setNoDelay(true)
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      const connection = new OpenpiConnection(ws, `openpi ${this.#nextClient++}`, this.#host)
      this.#connections.add(connection)
      ws.once('close', () => this.#connections.delete(connection))
      connection.start(this.#metadata)
    })
  }

  #refusal({ headers }: IncomingMessage): string | undefined {
    const { apiKey, maxConnections = 64 } = this.#options
    if (apiKey !== undefined && !isSameSecret(headers.authorization ?? '', `Api-Key ${apiKey}`))
      return '401 Unauthorized'
    if (!this.#host.serving || this.#connections.size >= maxConnections) return '503 Service Unavailable'
    return undefined
  }
}

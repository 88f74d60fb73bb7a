import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What a link does to the bytes on it. */
export interface Faults {
  /** Seconds that each byte takes, in each direction. @default 0 */
  delayS?: number
  /** Up to so many seconds more, another number for each piece; the order stays. @default 0 */
  jitterS?: number
  /** What a connection may have on the link before its sender has to wait, as TCP's window. @default 256 KiB */
  windowBytes?: number
  /** Of all connections together, in each direction; they share it in turns. @default Infinity */
  bytesPerSecond?: number
  /**
   * Nothing passes, in neither direction, ends and beginnings of connections neither. What waits passes afterwards, as
   * far as both ends are still there: TCP sends again what a pulled cable lost. @default false
   */
  blackHole?: boolean
}

const WINDOW_BYTES = 256 * 1024
const PIECE_BYTES = 8 * 1024
/** Timers have steps of this. */
const STEP_MS = 1

/** A TCP link with faults, between clients and one server. */
export class FaultProxy {
  /** Of the proxy, for clients. */
  readonly endpoint: string
  readonly #faults: Faults
  readonly #held: (() => void)[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #up: Lane
  readonly #down: Lane

  /** @param target `tcp://host:port` of the server */
  static async open(target: string, faults: Faults = {}): Promise<FaultProxy> {
    const { hostname, port } = new URL(target)
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FaultProxy(server, { host: hostname, port: Number(port) }, faults)
  }

  private constructor(server: Server, target: { host: string; port: number }, faults: Faults) {
    this.#server = server
    this.#faults = { ...faults }
    this.#up = new Lane(this.#faults)
    this.#down = new Lane(this.#faults)
    this.endpoint = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', (client) => {
      this.#keep(client)
      client.pause()
      this.#unlessHeld(() => this.#join(client, connect(target)))
    })
  }

  get connections(): number {
    return this.#sockets.size
  }

  set(faults: Faults): void {
    Object.assign(this.#faults, faults)
    if (this.#faults.blackHole !== true) for (const pass of this.#held.splice(0)) pass()
    this.#up.run()
    this.#down.run()
  }

  /** Ends every connection as a router that forgot it would: with a reset. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.#up.close()
    this.#down.close()
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #join(client: Socket, remote: Socket): void {
    this.#keep(remote)
    client.once('close', () => this.#unlessHeld(() => remote.destroy()))
    remote.once('close', () => this.#unlessHeld(() => client.destroy()))
    if (client.destroyed) remote.destroy()
    this.#up.carry(client, remote)
    this.#down.carry(remote, client)
  }

  #unlessHeld(pass: () => void): void {
    if (this.#faults.blackHole === true) this.#held.push(pass)
    else pass()
  }

  #keep(socket: Socket): void {
    socket.setNoDelay(true)
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }
}

/** Bytes on their way from one socket to another. */
interface Stream {
  readonly from: Socket
  readonly to: Socket
  readonly pieces: { readonly bytes: Uint8Array; readonly dueMs: number }[]
  queuedBytes: number
  lastDueMs: number
}

/** One direction of the link. */
class Lane {
  readonly #faults: Faults
  /** In the order of their turns. */
  #streams: Stream[] = []
  /** When the link has finished with what it was given. */
  #freeAtMs = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(faults: Faults) {
    this.#faults = faults
  }

  carry(from: Socket, to: Socket): void {
    const stream: Stream = { from, to, pieces: [], queuedBytes: 0, lastDueMs: 0 }
    this.#streams.push(stream)
    from.on('data', (chunk) => this.#take(stream, chunk))
    from.once('close', () => {
      this.#streams = this.#streams.filter((other) => other !== stream)
    })
    from.resume()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #take(stream: Stream, chunk: Uint8Array): void {
    const { delayS = 0, jitterS = 0, windowBytes = WINDOW_BYTES } = this.#faults
    const delayMs = (delayS + Math.random() * jitterS) * 1000
    const dueMs = Math.max(performance.now() + delayMs, stream.lastDueMs)
    stream.lastDueMs = dueMs
    for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) {
      stream.pieces.push({ bytes: chunk.subarray(at, at + PIECE_BYTES), dueMs })
    }
    stream.queuedBytes += chunk.byteLength
    if (stream.queuedBytes > windowBytes) stream.from.pause()
    this.run()
  }

  /** Passes on what is due. */
  run(): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const nowMs = performance.now()
    const { bytesPerSecond = Number.POSITIVE_INFINITY, blackHole = false } = this.#faults
    if (blackHole) return
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - STEP_MS)
    while (this.#freeAtMs <= nowMs) {
      const stream = this.#streams.find(({ pieces }) => pieces.length > 0 && pieces[0]!.dueMs <= nowMs)
      if (stream === undefined) break
      this.#freeAtMs += (this.#passTurn(stream, nowMs) / bytesPerSecond) * 1000
      // Its turn comes again behind the others.
      this.#streams = [...this.#streams.filter((other) => other !== stream), stream]
    }
    const waiting = this.#streams.filter(({ pieces }) => pieces.length > 0)
    if (waiting.length === 0) return
    const dueMs = Math.min(...waiting.map(({ pieces }) => pieces[0]!.dueMs))
    this.#timer = setTimeout(() => this.run(), Math.max(STEP_MS, this.#freeAtMs - nowMs, dueMs - nowMs))
  }

  /** Shares are fair in bytes: a turn is as many small pieces as make a large one. @returns the bytes that passed */
  #passTurn(stream: Stream, nowMs: number): number {
    let passed = 0
    while (passed < PIECE_BYTES && stream.pieces.length > 0 && stream.pieces[0]!.dueMs <= nowMs) {
      const { bytes } = stream.pieces.shift()!
      if (!stream.to.destroyed) stream.to.write(bytes)
      passed += bytes.byteLength
    }
    stream.queuedBytes -= passed
    if (stream.queuedBytes <= (this.#faults.windowBytes ?? WINDOW_BYTES) / 2) stream.from.resume()
    return passed
  }
}
